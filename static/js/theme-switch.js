/* theme-switch */
