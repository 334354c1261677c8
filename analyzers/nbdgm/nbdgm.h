/* nbdgm.h - what the parts of this folder share: events, and the two kinds of mailslot that have a reader of their own. */
#ifndef NBDGM_H
#define NBDGM_H

#include "nbdgm_tables.h"

extern const struct oto_event_type nbdgm_browser_event, nbdgm_netlogon_event;
enum { NBDGM_EV_DATAGRAM, NBDGM_EV_BROWSER, NBDGM_EV_NETLOGON };

/* The message of \MAILSLOT\BROWSE, of \MAILSLOT\LANMAN, of \MAILSLOT\NET\NETLOGON and the like. */
void nbdgm_browser(struct oto_ctx *cx, struct oto_cur c);
void nbdgm_lanman(struct oto_ctx *cx, struct oto_cur c);
void nbdgm_netlogon(struct oto_ctx *cx, struct oto_cur c);

#endif
