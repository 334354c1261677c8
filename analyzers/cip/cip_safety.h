/* cip_safety.h - CIP Safety (volume 5): what the safety segment of a Forward Open says, and what safety messages say on its I/O. */
#ifndef OTO_ANALYZERS_CIP_SAFETY_H
#define OTO_ANALYZERS_CIP_SAFETY_H

#include "oto_plugin.h"

enum cip_safety_format { CIP_SAFETY_BASE, CIP_SAFETY_ROUTER, CIP_SAFETY_EXTENDED };
extern const struct oto_names cip_safety_formats;

/* The network segment, behind its length. Identifiers are a safety network number and a node's address. */
struct cip_safety_segment {
	uint8_t format; /* enum cip_safety_format */
	uint32_t configuration_crc;
	struct oto_slice target, originator;
	bool has_nodes; /* and the checksum of the configuration */
};
struct cip_safety_segment cip_safety_take_segment(struct oto_slice bytes);

enum { CIP_SAFETY_SENDER = 8 }; /* vendor, serial number and the connection's serial number, as on the wire */

/* One direction of a safety connection. */
struct cip_safety_way {
	uint8_t format;
	bool produces;   /* data; else the consumer's answers, which coordinate time */
	bool multicast;  /* data ends in a correction of time for each consumer */
	bool has_sender; /* whose checksums can be proved */
	uint8_t s1;      /* the checksums begin with the sender's own */
	uint16_t s3;
};
void cip_safety_sender(struct cip_safety_way *way, const uint8_t sender[CIP_SAFETY_SENDER]);

enum cip_safety_kind { CIP_SAFETY_NOTHING, CIP_SAFETY_DATA, CIP_SAFETY_TIME };
extern const struct oto_names cip_safety_kinds;

struct cip_safety_message {
	uint8_t kind;        /* enum cip_safety_kind */
	uint8_t ping;        /* which request for coordination this is, or answers */
	uint16_t time;       /* the producer's stamp, or the consumer's time */
	bool run;            /* of data: it is to be used; else the producer idles */
	bool answers;        /* of time coordination: there is an answer to a ping in it */
	struct oto_slice io; /* of data */
	const char *odd;     /* a weird's name */
};
struct cip_safety_message cip_safety_read(const struct cip_safety_way *way, struct oto_slice bytes);

#endif
