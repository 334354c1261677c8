/* doc_lua.h - the page of the Lua interface: what the program gives scripts, and what the Lua library adds. */
#ifndef OTO_DOC_LUA_H
#define OTO_DOC_LUA_H

#include "doc_page.h"

/* `library` is the folder of the Lua library (NULL: none); `name` limits the page to what is called that, or NULL. Returns what was shown.
 */
uint32_t oto_doc_lua(struct oto_page *p, const char *library, const char *name);

#endif
