/* ip_report.h - what is said of flows of IP protocols that have no analyzer and no connections (ESP, OSPF, VRRP, SCTP ...): the event
 * ip.flow and its log.
 *
 * Reads flows and fills events; decides nothing about them.
 */
#ifndef OTO_IP_REPORT_H
#define OTO_IP_REPORT_H

#include "engine.h"

struct oto_delta;

struct oto_event_def *oto_ip_report_add(struct oto_engine *engine, struct oto_error *err);
/* What went on since *told, which is brought up to date. `reason`: why it is told now, a constant. */
void oto_ip_report(struct oto_engine *engine, struct oto_event_def *def, const struct oto_flow *f, struct oto_delta *told,
		   const char *reason);
/* IANA's keyword of a protocol number; NULL: none is given. */
const char *oto_ip_protocol(uint8_t number);

#endif
