// Starts the console: defines the elements that every page uses, then the shell.

import "./chart.js";
import "./copy.js";
import "./countdown.js";
import "./list.js";
import "./shell.js";
