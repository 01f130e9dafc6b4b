/* The page of an edition in the trash: says that it was deleted just now, with the way back. */

import { sayKept, undoByKey } from "./corrections.js";

document.addEventListener("undone", () => location.reload());
undoByKey();
sayKept();
