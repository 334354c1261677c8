/* capture_source.h - the bytes of a capture, from a path or standard input, plain or gzipped, in one direction.
 *
 * Owns the window of bytes in memory and, for a pipe, the descriptor. A regular file is opened, read and closed at every refill, so that a
 * thousand files of one timeline need no thousand descriptors. Knows nothing of pcap.
 */
#ifndef OTO_CAPTURE_SOURCE_H
#define OTO_CAPTURE_SOURCE_H

#include "base.h"

#include <signal.h>

struct oto_source;

/* "-" is standard input. window: bytes; it grows for a longer record. stop: set by a signal, ends a waiting read. Fails with a message that
 * tells missing, unreadable and empty. */
struct oto_source *oto_source_open(const char *path, size_t window, const volatile sig_atomic_t *stop, struct oto_error *err);
void oto_source_close(struct oto_source *s);
/* Can it be opened again and read from its begin? Not so a pipe. */
bool oto_source_again(const struct oto_source *s);

/* Would reading on wait for a pipe, for longer than so many milliseconds? */
bool oto_source_waits(const struct oto_source *s, int ms);

/* n contiguous bytes, valid until the next call, or NULL when there are fewer. Does not advance. */
const uint8_t *oto_source_refill(struct oto_source *s, size_t n);
/* After NULL: did reading fail (err is set), or did the source just end? */
bool oto_source_failed(const struct oto_source *s, struct oto_error *err);
/* After NULL: the compressed data stopped before its end. */
bool oto_source_cut(const struct oto_source *s);
/* Advance over n bytes that need not fit into the window; false when the source ends before. */
bool oto_source_skip(struct oto_source *s, uint64_t n);

uint64_t oto_source_size(const struct oto_source *s);     /* of the file on disk; 0: unknown */
uint64_t oto_source_position(const struct oto_source *s); /* bytes of the file on disk that were read */

/* The window: public, because the packet path looks into it without a call. */
struct oto_source_window {
	const uint8_t *at, *end;
	uint64_t offset; /* of `end` in the (uncompressed) stream */
};
struct oto_source_window *oto_source_window(struct oto_source *s);

static inline size_t oto_window_left(const struct oto_source_window *w)
{
	return (size_t)(w->end - w->at);
}

/* Offset of the next byte in the uncompressed stream. */
static inline uint64_t oto_window_tell(const struct oto_source_window *w)
{
	return w->offset - (uint64_t)(w->end - w->at);
}

static inline const uint8_t *oto_source_need(struct oto_source *s, struct oto_source_window *w, size_t n)
{
	return oto_window_left(w) >= n ? w->at : oto_source_refill(s, n);
}

#endif
