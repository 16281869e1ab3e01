/* undo-toast */
