/* capture_source.c - see capture_source.h. Reading is one window that moves over the stream: what is left slides to the front, new bytes
 * follow. */
#include "capture_source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { PACKED_SIZE = 65536 };

struct oto_source {
	struct oto_source_window window;
	char *path;
	int fd; /* of a pipe; -1 for a regular file, which is opened at every refill */
	dev_t device;
	ino_t inode;
	uint64_t size, position; /* on disk */
	uint8_t *buffer;
	size_t capacity;
	bool ended, cut;
	const volatile sig_atomic_t *stop;
	struct oto_error error;
	bool gzip, member_done; /* member_done: between two members of a gzip file */
	z_stream inflate;
	uint8_t *packed; /* gzip: compressed bytes on their way */
};

static const char *shown(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

static bool open_failed(const char *path, struct oto_error *err)
{
	if (errno == ENOENT)
		return oto_fail(err, "%s: no such file", shown(path));
	if (errno == EACCES || errno == EPERM)
		return oto_fail(err, "%s: cannot be read: permission denied", shown(path));
	return oto_fail(err, "%s: cannot be read: %s", shown(path), strerror(errno));
}

/* Raw bytes of the file; 0 at its end, negative with s->error set. */
static ssize_t read_disk(struct oto_source *s, void *to, size_t n)
{
	ssize_t got;
	if (s->fd >= 0) {
		/* A pipe can wait forever, and the signal that interrupts it may be the one that asks to stop. */
		do
			got = *s->stop ? 0 : read(s->fd, to, n);
		while (got < 0 && errno == EINTR);
	} else {
		int fd = open(s->path, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			open_failed(s->path, &s->error);
			return -1;
		}
		struct stat st;
		bool same = fstat(fd, &st) == 0 && st.st_dev == s->device && st.st_ino == s->inode;
		got = same ? pread(fd, to, n, (off_t)s->position) : -1;
		close(fd);
		if (!same) {
			oto_fail(&s->error, "%s: was replaced by another file while it was read", shown(s->path));
			return -1;
		}
	}
	if (got < 0)
		oto_fail(&s->error, "%s: reading failed at byte %llu: %s", shown(s->path), (unsigned long long)s->position,
			 strerror(errno));
	else
		s->position += (uint64_t)got;
	return got;
}

/* Uncompressed bytes of a gzip file, any number of members (RFC 1952 2.2). */
static ssize_t read_gzip(struct oto_source *s, uint8_t *to, size_t n)
{
	z_stream *z = &s->inflate;
	z->next_out = to;
	z->avail_out = (uInt)n;
	while (z->avail_out == n) {
		if (z->avail_in == 0) {
			ssize_t got = read_disk(s, s->packed, PACKED_SIZE);
			if (got <= 0) {
				s->cut = !s->member_done;
				return got;
			}
			z->next_in = s->packed;
			z->avail_in = (uInt)got;
		}
		if (s->member_done) {
			/* Zeros may pad the file after the last member (tar, tape); anything else that is no member is ignored as gzip
			 * does. */
			if (*z->next_in != 0x1f)
				return 0;
			inflateReset(z);
			s->member_done = false;
		}
		int rc = inflate(z, Z_NO_FLUSH);
		if (rc == Z_STREAM_END) {
			s->member_done = true;
		} else if (rc != Z_OK && !(rc == Z_BUF_ERROR && z->avail_in == 0)) {
			oto_fail(&s->error, "%s: damaged gzip data near byte %llu: %s", shown(s->path), (unsigned long long)s->position,
				 z->msg ? z->msg : "unknown error");
			return z->avail_out < n ? (ssize_t)(n - z->avail_out) : -1; /* what came before is good */
		}
	}
	return (ssize_t)(n - z->avail_out);
}

static void window_grow(struct oto_source *s, size_t n)
{
	struct oto_source_window *w = &s->window;
	size_t left = oto_window_left(w);
	if (n > s->capacity) {
		uint8_t *grown = oto_calloc(1, n);
		memcpy(grown, w->at, left);
		free(s->buffer);
		s->buffer = grown;
		s->capacity = n;
	} else {
		memmove(s->buffer, w->at, left);
	}
	w->at = s->buffer;
	w->end = s->buffer + left;
}

const uint8_t *oto_source_refill(struct oto_source *s, size_t n)
{
	struct oto_source_window *w = &s->window;
	if (oto_window_left(w) < n && !s->ended)
		window_grow(s, n);
	while (oto_window_left(w) < n && !s->ended) {
		size_t used = oto_window_left(w);
		uint8_t *to = s->buffer + used;
		ssize_t got = s->gzip ? read_gzip(s, to, s->capacity - used) : read_disk(s, to, s->capacity - used);
		if (got <= 0)
			s->ended = true;
		else
			w->end += got, w->offset += (uint64_t)got;
	}
	return oto_window_left(w) >= n ? w->at : NULL;
}

bool oto_source_failed(const struct oto_source *s, struct oto_error *err)
{
	if (s->error.text[0] && err)
		*err = s->error;
	return s->error.text[0] != 0;
}

bool oto_source_cut(const struct oto_source *s)
{
	return s->cut;
}

bool oto_source_skip(struct oto_source *s, uint64_t n)
{
	struct oto_source_window *w = &s->window;
	while (n > oto_window_left(w)) {
		n -= oto_window_left(w);
		w->at = w->end;
		if (!oto_source_refill(s, 1))
			return false;
	}
	w->at += n;
	return true;
}

/* The first bytes tell gzip (RFC 1952 2.3.1); they are already in the window and become the inflater's input. */
static bool start_gzip(struct oto_source *s, struct oto_error *err)
{
	const uint8_t *magic = oto_source_refill(s, 2);
	if (!magic || magic[0] != 0x1f || magic[1] != 0x8b)
		return true;
	size_t n = oto_window_left(&s->window);
	s->packed = oto_calloc(1, n > PACKED_SIZE ? n : PACKED_SIZE);
	memcpy(s->packed, magic, n);
	s->gzip = true;
	s->ended = false; /* the disk may be at its end, the inflater is not */
	s->inflate.next_in = s->packed;
	s->inflate.avail_in = (uInt)n;
	s->window = (struct oto_source_window){ s->buffer, s->buffer, 0 };
	if (inflateInit2(&s->inflate, 16 + MAX_WBITS) != Z_OK)
		return oto_fail(err, "%s: zlib could not be started", shown(s->path));
	return true;
}

static bool start(struct oto_source *s, const char *path, struct oto_error *err)
{
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	s->fd = fd;
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return open_failed(path, err);
	if (S_ISDIR(st.st_mode))
		return oto_fail(err, "%s: is a directory, not a capture", shown(path));
	if (S_ISREG(st.st_mode)) {
		s->size = (uint64_t)st.st_size;
		s->device = st.st_dev;
		s->inode = st.st_ino;
	}
	if (S_ISREG(st.st_mode) && strcmp(path, "-") != 0) {
		close(fd);
		s->fd = -1;
	}
	if (!oto_source_refill(s, 1)) {
		if (!oto_source_failed(s, err))
			oto_fail(err, "%s: is empty", shown(path));
		return false;
	}
	if (!start_gzip(s, err))
		return false;
	if (s->gzip && !oto_source_refill(s, 1)) {
		if (!oto_source_failed(s, err))
			oto_fail(err, "%s: is empty", shown(path));
		return false;
	}
	return true;
}

struct oto_source *oto_source_open(const char *path, size_t window, const volatile sig_atomic_t *stop, struct oto_error *err)
{
	struct oto_source *s = oto_calloc(1, sizeof *s);
	s->stop = stop;
	s->path = oto_strdup(path);
	s->capacity = window;
	s->buffer = oto_calloc(1, window);
	s->window.at = s->window.end = s->buffer;
	if (start(s, path, err))
		return s;
	oto_source_close(s);
	return NULL;
}

void oto_source_close(struct oto_source *s)
{
	if (!s)
		return;
	if (s->gzip)
		inflateEnd(&s->inflate);
	if (s->fd >= 0)
		close(s->fd);
	free(s->packed);
	free(s->buffer);
	free(s->path);
	free(s);
}

bool oto_source_again(const struct oto_source *s)
{
	return s->fd < 0;
}

bool oto_source_waits(const struct oto_source *s, int ms)
{
	struct pollfd fd = { .fd = s->fd, .events = POLLIN };
	return s->fd >= 0 && !s->ended && oto_window_left(&s->window) == 0 && s->inflate.avail_in == 0 && poll(&fd, 1, ms) == 0;
}

uint64_t oto_source_size(const struct oto_source *s)
{
	return s->size;
}

uint64_t oto_source_position(const struct oto_source *s)
{
	return s->position;
}

struct oto_source_window *oto_source_window(struct oto_source *s)
{
	return &s->window;
}
