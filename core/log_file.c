/* log_file.c - one log's file: buffer, rotation, compression, errors. See log_file.h.
 *
 * Owns the descriptors and, in the place, one thread that compresses finished files, so that a rotation never holds up packets. The
 * thread touches nothing but its queue of paths.
 */
#include "log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#define BUFFER_BYTES (64u * 1024u) /* larger writes cost twice as much: the page cache takes them in folios that are seldom warm */
#define WELL_AGAIN 10u /* writes without a failure, after which trouble counts as over: a disk that is nearly full fails now and then */

struct job {
	struct job *next;
	char *path;
};

struct oto_log_place {
	char *dir;
	bool rotating, gzip, standard_output;
	struct oto_error error; /* the first; under the mutex */
	struct oto_trouble trouble;
	uint64_t lost; /* rows of all files since it was told that some cannot be written */
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	pthread_t packer;
	bool packing, done;
	struct job *first, **last;
};

struct oto_log_file {
	struct oto_log_place *place;
	char *name, *path, *part, *before, *after;
	int fd;        /* -1: no file yet */
	bool appeared; /* under its own name */
	struct oto_buf buf;
	uint64_t written; /* of the current file */
	uint64_t bytes, rows_buffered, lost;
	int64_t opened_ns;
	char stamp[32];    /* of the last rotated file */
	uint32_t repeated; /* how often that stamp was used */
	int64_t newest_ns; /* of all their stamps */
	bool went_back;    /* one was earlier than another before it: a clock was set back */
};

/* ------------------------------------------------------------------------------------------------ errors, names */

static void place_failed(struct oto_log_place *place, const char *what, const char *path, int number)
{
	pthread_mutex_lock(&place->mutex);
	if (!place->error.text[0])
		oto_fail(&place->error, "cannot %s %s: %s", what, path, strerror(number));
	pthread_mutex_unlock(&place->mutex);
}

static void file_failed(struct oto_log_file *f, const char *what, int number)
{
	place_failed(f->place, what, f->path, number);
	/* One line for all files: the disk is one. A reader that goes away is no fault to tell of: the program ends quietly. */
	if (number != EPIPE)
		oto_trouble_again(&f->place->trouble, "cannot %s %s: %s; rows are lost until that is mended", what, f->path,
				  strerror(number));
}

static void file_is_well(struct oto_log_file *f)
{
	struct oto_log_place *place = f->place;

	if (oto_trouble_over(&place->trouble, WELL_AGAIN, "logs in %s are written again; %llu rows were lost", place->dir,
			     (unsigned long long)place->lost))
		place->lost = 0;
}

static char *joined(const char *a, const char *b, const char *c, const char *d)
{
	struct oto_buf text = { 0 };

	oto_buf_str(&text, a);
	oto_buf_str(&text, b);
	oto_buf_str(&text, c);
	oto_buf_str(&text, d);
	return text.data;
}

static void time_text(int64_t ns, const char *format, char *out, size_t size)
{
	struct tm tm;
	time_t seconds = (time_t)(ns / OTO_SECOND);

	if (!gmtime_r(&seconds, &tm) || !strftime(out, size, format, &tm))
		snprintf(out, size, "0");
}

/* ------------------------------------------------------------------------------------------------ compression */

static bool copy_gzip(int in, gzFile out)
{
	char block[64 * 1024];
	ssize_t n;

	while ((n = read(in, block, sizeof block)) > 0) {
		if (gzwrite(out, block, (unsigned)n) != n)
			return false;
	}
	return n == 0;
}

/* PATH becomes PATH.gz: written beside under another name, renamed when whole; only then is PATH removed. */
static void pack(struct oto_log_place *place, const char *path)
{
	char *gz = joined(path, ".gz", "", ""), *part = joined(gz, ".part", "", "");
	int in = open(path, O_RDONLY | O_CLOEXEC);
	gzFile out = in < 0 ? NULL : gzopen(part, "wbe");
	bool ok = out && copy_gzip(in, out);

	if (out && gzclose(out) != Z_OK)
		ok = false;
	if (in >= 0)
		close(in);
	if (ok && rename(part, gz) == 0) {
		unlink(path);
	} else {
		place_failed(place, "compress", path, errno);
		unlink(part);
	}
	free(gz);
	free(part);
}

static struct job *job_take(struct oto_log_place *place)
{
	struct job *job;

	pthread_mutex_lock(&place->mutex);
	while (!place->first && !place->done)
		pthread_cond_wait(&place->wake, &place->mutex);
	job = place->first;
	if (job && !(place->first = job->next))
		place->last = &place->first;
	pthread_mutex_unlock(&place->mutex);
	return job;
}

static void *packer_main(void *who)
{
	struct oto_log_place *place = who;
	struct job *job;

	while ((job = job_take(place))) {
		pack(place, job->path);
		free(job->path);
		free(job);
	}
	return NULL;
}

/* Signals are the main thread's business. */
static bool packer_start(struct oto_log_place *place)
{
	sigset_t all, before;

	if (place->packing)
		return true;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	place->packing = pthread_create(&place->packer, NULL, packer_main, place) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return place->packing;
}

static void pack_later(struct oto_log_place *place, char *path)
{
	if (!packer_start(place)) {
		pack(place, path);
		free(path);
		return;
	}
	struct job *job = oto_calloc(1, sizeof *job);
	job->path = path;
	pthread_mutex_lock(&place->mutex);
	*place->last = job;
	place->last = &job->next;
	pthread_cond_signal(&place->wake);
	pthread_mutex_unlock(&place->mutex);
}

/* ------------------------------------------------------------------------------------------------ the place */

static bool make_folder(const char *path, struct oto_error *err)
{
	char *copy = oto_strdup(path);
	struct stat st;

	for (char *p = copy + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(copy, 0777);
		*p = '/';
	}
	int made = mkdir(copy, 0777), why = errno;
	free(copy);
	if (made == 0)
		return true;
	if (stat(path, &st) != 0)
		return oto_fail(err, "cannot make the log folder %s: %s", path, strerror(why));
	if (!S_ISDIR(st.st_mode))
		return oto_fail(err, "the log folder %s is not a folder", path);
	if (access(path, W_OK | X_OK) != 0)
		return oto_fail(err, "cannot write into the log folder %s: %s", path, strerror(errno));
	return true;
}

struct oto_log_place *oto_log_place_new(const char *dir, bool rotating, bool gzip, struct oto_error *err)
{
	bool standard_output = strcmp(dir, "-") == 0;

	if (!*dir)
		return oto_fail(err, "the name of the log folder is empty"), NULL;
	if (!standard_output && !make_folder(dir, err))
		return NULL;
	struct oto_log_place *place = oto_calloc(1, sizeof *place);
	*place = (struct oto_log_place){
		.dir = oto_strdup(dir), .rotating = rotating && !standard_output, .gzip = gzip, .standard_output = standard_output
	};
	place->last = &place->first;
	pthread_mutex_init(&place->mutex, NULL);
	pthread_cond_init(&place->wake, NULL);
	return place;
}

bool oto_log_place_close(struct oto_log_place *place, struct oto_error *err)
{
	if (place->packing) {
		pthread_mutex_lock(&place->mutex);
		place->done = true;
		pthread_cond_signal(&place->wake);
		pthread_mutex_unlock(&place->mutex);
		pthread_join(place->packer, NULL);
		place->packing = place->done = false;
	}
	return !place->error.text[0] || oto_fail(err, "%s", place->error.text);
}

void oto_log_place_free(struct oto_log_place *place)
{
	if (!place)
		return;
	oto_log_place_close(place, NULL);
	pthread_mutex_destroy(&place->mutex);
	pthread_cond_destroy(&place->wake);
	free(place->dir);
	free(place);
}

/* ------------------------------------------------------------------------------------------------ the file */

static char *path_with(const struct oto_log_file *f)
{
	char again[16] = "";

	if (f->repeated > 1)
		snprintf(again, sizeof again, "-%u", f->repeated);
	char *front = joined(f->place->dir, "/", f->name, "-"), *path = joined(front, f->stamp, again, ".log");
	free(front);
	return path;
}

static bool is_taken(const char *path)
{
	char *gz = joined(path, ".gz", "", "");
	struct stat st;
	bool taken = lstat(path, &st) == 0 || lstat(gz, &st) == 0;

	free(gz);
	return taken;
}

/* The name of a finished file whose first row is of `ns`. Of an earlier run it takes the place, but not of this one, in which a time may
 * come twice. */
static char *finished_path(struct oto_log_file *f, int64_t ns)
{
	char stamp[32];

	f->went_back |= ns < f->newest_ns;
	f->newest_ns = ns > f->newest_ns ? ns : f->newest_ns;
	time_text(ns, "%Y%m%dT%H%M%SZ", stamp, sizeof stamp);
	f->repeated = strcmp(stamp, f->stamp) == 0 ? f->repeated + 1 : 1;
	memcpy(f->stamp, stamp, sizeof stamp);
	char *path = path_with(f);
	for (; f->went_back && is_taken(path); path = path_with(f)) {
		free(path);
		f->repeated++;
	}
	return path;
}

static void rotate(struct oto_log_file *f, int64_t ns)
{
	char *path = finished_path(f, ns);

	if (rename(f->path, path) != 0) {
		file_failed(f, "rename", errno);
		free(path);
	} else if (f->place->gzip) {
		pack_later(f->place, path);
	} else {
		free(path);
	}
}

/* What an earlier run left under our name must not be taken for this run's. When rotation is on, that run did not end well, and its rows
 * are kept. */
static void clear_leftover(struct oto_log_file *f)
{
	struct stat st;

	if (lstat(f->path, &st) != 0 || !S_ISREG(st.st_mode))
		return;
	if (f->place->rotating && st.st_size)
		rotate(f, (int64_t)st.st_mtime * OTO_SECOND);
	else
		unlink(f->path);
}

struct oto_log_file *oto_log_file_new(struct oto_log_place *place, const char *name, const char *before, const char *after)
{
	struct oto_log_file *f = oto_calloc(1, sizeof *f);

	f->place = place;
	f->fd = -1;
	f->name = oto_strdup(name);
	f->before = before ? oto_strdup(before) : NULL;
	f->after = after ? oto_strdup(after) : NULL;
	if (place->standard_output) {
		f->fd = STDOUT_FILENO;
		f->appeared = true;
		f->path = oto_strdup("standard output");
		f->part = oto_strdup("");
		return f;
	}
	f->path = joined(place->dir, "/", name, ".log");
	f->part = joined(f->path, ".part", "", "");
	clear_leftover(f);
	return f;
}

void oto_log_file_free(struct oto_log_file *f)
{
	if (!f)
		return;
	if (f->fd >= 0 && !f->place->standard_output)
		close(f->fd);
	oto_buf_free(&f->buf);
	free(f->name);
	free(f->path);
	free(f->part);
	free(f->before);
	free(f->after);
	free(f);
}

static void put_time_line(struct oto_log_file *f, const char *word, int64_t ns)
{
	char text[32];

	time_text(ns, "%Y-%m-%d-%H-%M-%S", text, sizeof text);
	oto_buf_fmt(&f->buf, "#%s\t%s\n", word, text);
}

static void begin(struct oto_log_file *f, int64_t ns)
{
	f->opened_ns = ns;
	f->written = 0;
	f->appeared = false;
	f->fd = open(f->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (f->fd < 0)
		file_failed(f, "create", errno);
	if (!f->before)
		return;
	oto_buf_str(&f->buf, f->before);
	put_time_line(f, "open", ns);
	oto_buf_str(&f->buf, f->after);
}

struct oto_buf *oto_log_file_row(struct oto_log_file *f, int64_t ns)
{
	if (__builtin_expect(f->fd < 0 && !f->buf.len, 0))
		begin(f, ns);
	return &f->buf;
}

void oto_log_file_row_done(struct oto_log_file *f)
{
	f->rows_buffered++;
	if (f->buf.len >= BUFFER_BYTES)
		oto_log_file_flush(f);
}

static bool write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			data += n, len -= (size_t)n;
	}
	return true;
}

void oto_log_file_flush(struct oto_log_file *f)
{
	if (!f->buf.len)
		return;
	bool ok = f->fd >= 0 && write_all(f->fd, f->buf.data, f->buf.len);
	if (ok) {
		f->written += f->buf.len;
		f->bytes += f->buf.len;
		file_is_well(f);
	} else {
		if (f->fd >= 0)
			file_failed(f, "write", errno);
		f->lost += f->rows_buffered;
		f->place->lost += f->rows_buffered;
		/* Half a row must not stay; a file that cannot be cut is a pipe. */
		if (f->fd >= 0 && !f->place->standard_output &&
		    (ftruncate(f->fd, (off_t)f->written) != 0 || lseek(f->fd, (off_t)f->written, SEEK_SET) < 0))
			file_failed(f, "cut back", errno);
	}
	f->buf.len = 0;
	f->rows_buffered = 0;
	if (ok && !f->appeared) {
		f->appeared = true;
		if (rename(f->part, f->path) != 0)
			file_failed(f, "rename", errno);
	}
	if (!ok && !f->appeared && f->fd >= 0) { /* its header is lost with its first rows: begin again */
		close(f->fd);
		unlink(f->part);
		f->fd = -1;
	}
}

void oto_log_file_finish(struct oto_log_file *f, int64_t now_ns)
{
	if (f->before && (f->fd >= 0 || f->buf.len))
		put_time_line(f, "close", now_ns);
	oto_log_file_flush(f);
	if (f->place->standard_output || f->fd < 0)
		return;
	if (close(f->fd) != 0) /* a network file system may tell of a full disk only here */
		file_failed(f, "write", errno);
	f->fd = -1;
	if (f->appeared && f->place->rotating)
		rotate(f, f->opened_ns);
}

uint64_t oto_log_file_size(const struct oto_log_file *f)
{
	return f->written + f->buf.len;
}

uint64_t oto_log_file_bytes(const struct oto_log_file *f)
{
	return f->bytes + f->buf.len;
}

uint64_t oto_log_file_lost(const struct oto_log_file *f)
{
	return f->lost;
}
