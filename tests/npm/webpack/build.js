// webpack with nothing but an entry; its defaults do the rest.
import { promisify } from "node:util";
import webpack from "webpack";

const mode = /** @type {"development" | "production"} */ (process.argv[2]);
const compiler = webpack({ mode, entry: "./src/index.js", devtool: false });
const stats = await promisify(compiler.run.bind(compiler))();
if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString());
