/* doc_schema.h - JSON Schema (draft 2020-12) of log rows and events, for tools that read them. */
#ifndef OTO_DOC_SCHEMA_H
#define OTO_DOC_SCHEMA_H

#include "event.h"
#include "log.h"

/* The schema object of an event's fields, its head's included, as scripts see them in e:copy(). */
void oto_schema_event(const struct oto_event_def *def, struct oto_buf *out);
/* The schema object of a row of a log as `--json` writes it. */
void oto_schema_log(const struct oto_event_def *def, const struct oto_log *spec, struct oto_buf *out);

#endif
