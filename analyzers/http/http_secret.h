/* http_secret.h - passwords in what is logged: in URIs ("http://user:password@host/", "?password=...") and forms.
 *
 * What is a secret follows from the parameter's name. Knows text; nothing of flows or events.
 */
#ifndef OTO_HTTP_SECRET_H
#define OTO_HTTP_SECRET_H

#include "oto_plugin.h"

/* Puts one asterisk in the place of each secret of a URI, percent signs resolved; the text gets shorter or stays. True: there was one. */
bool http_mask_uri(uint8_t *text, uint32_t *len);
/* Does a form (application/x-www-form-urlencoded) hold a secret? *user: the parameter that names somebody, or empty. */
bool http_form_login(struct oto_slice form, struct oto_slice *user);

#endif
