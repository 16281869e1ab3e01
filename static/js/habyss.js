/* The one entry of every page: elements used everywhere are loaded now, the others when a page has them. */
import "./theme-switch.js";
import "./net-status.js";
import "./undo-toast.js";
import "./habit-grid.js";
