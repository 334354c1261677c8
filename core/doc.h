/* doc.h - `otoscope doc`: the reference, printed from the tables that the engine runs on.
 *
 * Nothing here is a second list: events, fields, words and logs come from the registered types, analyzers from their registry, the Lua
 * interface from the table beside its functions and from the `---` comments of the library, and what was ever seen from the goldens.
 */
#ifndef OTO_DOC_H
#define OTO_DOC_H

#include "engine.h"

/* argv[0] is "doc": doc [events|logs|analyzers|lua|filters [NAME]] [--markdown|--json-schema] [--source DIR]. Writes to standard output;
 * the engine has its plugins but need not be started. Returns the exit code: 0, or 2 for a wrong argument. */
int oto_doc_main(struct oto_engine *engine, int argc, char **argv);

#endif
