/* curl_line.h - what connections by libcurl share: a handle a destination, certificates, time limits, and what an error means for the
 * message: surely not delivered while nothing of it was sent, unclear afterwards.
 */
#ifndef OTO_CURL_LINE_H
#define OTO_CURL_LINE_H

#include "send.h"

#include <curl/curl.h>

/* The destination's handle, made or made ready anew. NULL: *a says why. */
CURL *line_curl(struct line *l, struct answer *a);
/* What curl's error means; *a says it. */
enum outcome line_failed(struct line *l, CURLcode code, struct answer *a);
void line_close_curl(struct line *l);

#endif
