import { stripVTControlCharacters } from "node:util";

/** As it is seen, without colours. */
export const widthOf = (text: string): number => stripVTControlCharacters(text).length;
