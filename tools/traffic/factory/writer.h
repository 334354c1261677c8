/* writer.h - the bulk of a plant's packets: recorded conversations played again and again, merged by time into one capture.
 *
 * Lua decides what is said by whom and when; this copies the frames, puts in addresses, ports, numbers and checksums, and keeps them in
 * order. The same calls give the same bytes. Times are nanoseconds since the epoch.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum side { CLIENT, SERVER };

/* What a patch puts into a frame. */
enum patch_kind {
	PATCH_COUNT_BE, /* the number of the exchange in this conversation */
	PATCH_COUNT_LE,
	PATCH_PARAM,   /* bytes of the conversation's parameters, from ARG on */
	PATCH_VALUE,   /* process value ARG of the conversation, big-endian: walks between its bounds */
	PATCH_CHANCE,  /* chance */
	PATCH_VALUE_LE /* as PATCH_VALUE, little-endian */
};

struct patch {
	uint16_t at; /* in the frame, from its Ethernet header on */
	uint16_t length;
	uint16_t kind;
	uint16_t arg;
};

struct recorded {
	uint64_t after; /* the beginning of the template */
	const uint8_t *bytes;
	size_t length;
	const struct patch *patches;
	size_t n_patches;
	enum side from;
};

struct value {
	int64_t now, low, high, step;
};

/* How a conversation polls; period 0: it does not. */
struct rhythm {
	uint64_t period;
	double jitter; /* part of the period */
	double mute;   /* share of requests that are not answered */
	uint64_t slow; /* answers come later by this */
};

struct writer;

struct writer *writer_open(FILE *out, uint64_t seed);
/* Plays what is left up to the time; true unless writing failed. */
bool writer_advance(struct writer *w, uint64_t until);
bool writer_close(struct writer *w);

/* HOPS: routers between it and the mirror port. ASKED: the station that ARP asks for, itself or its router; -2: itself;
 * -1: nobody (a group). */
int writer_host(struct writer *w, const uint8_t mac[6], const uint8_t ip[4], uint8_t hops, int asked);
void writer_move_host(struct writer *w, int host, const uint8_t mac[6], const uint8_t ip[4]);

/* A template's frames; sequence numbers in them count from 0 on each side. ADVANCE: the bytes each side sent. */
int writer_template(struct writer *w, const struct recorded *frames, size_t n, const uint32_t advance[2]);

/* A conversation of two hosts; port 0 of either side: the template's. LASTING: it stays until writer_stop(). */
int writer_conversation(struct writer *w, const int hosts[2], const uint16_t ports[2], const uint8_t *params, size_t length, bool lasting);
void writer_value(struct writer *w, int conversation, struct value value);
/* Says a template once, as soon as what is being said is over. */
bool writer_say(struct writer *w, int conversation, int template, uint64_t time);
/* Polls by these templates in turn, template i in every EVERY[i]-th cycle; MUTED[i] is said instead when no answer comes (-1: none). */
bool writer_poll(struct writer *w, int conversation, const int *templates, const int *every, const int *muted, size_t n, uint64_t start);
struct rhythm *writer_rhythm(struct writer *w, int conversation);
/* Polls again after its period was 0. */
void writer_resume(struct writer *w, int conversation, uint64_t start);
void writer_stop(struct writer *w, int conversation);

/* A frame as it is, at a time not before what was advanced to. */
bool writer_frame(struct writer *w, uint64_t time, const uint8_t *bytes, size_t length);
/* What happens to the capture: the share of packets it misses, and how far its clock is off. */
void writer_capture(struct writer *w, double loss, int64_t shift);

struct writer_totals {
	uint64_t packets, bytes, conversations;
};
struct writer_totals writer_totals(const struct writer *w);
