/* cli_control.c - questions to a running engine over a socket in its state folder. See cli_command.h.
 *
 * The engine is the only one that writes its state, so edits come here. A question is texts, each behind a letter and before a NUL; the
 * answer is the exit code, the lengths of what goes to standard error and to standard output, then those texts. The socket is a file of the
 * local machine: nothing here speaks to a network.
 */
#include "cli_command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { QUESTION_MAX = 16 << 20, PATIENCE_MS = 500 };

/* Of an answer. */
struct head {
	int64_t exit_code;
	uint64_t err, out; /* bytes */
};

struct oto_control {
	int listening;
	char *path;
};

/* Where the socket is. The folder stays open meanwhile: a path that is too long for a socket goes by its descriptor, as Linux offers. */
struct place {
	struct sockaddr_un at;
	int folder;
};

static bool place_of(const char *dir, struct place *p)
{
	char *path = p->at.sun_path;

	*p = (struct place){ .at.sun_family = AF_UNIX, .folder = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC) };
	int n = snprintf(path, sizeof p->at.sun_path, "%s/control", dir);
	if (n >= (int)sizeof p->at.sun_path)
		snprintf(path, sizeof p->at.sun_path, "/proc/self/fd/%d/control", p->folder);
	return p->folder >= 0;
}

static void leave(struct place *p)
{
	if (p->folder >= 0)
		close(p->folder);
}

static bool reach(int fd, const char *dir)
{
	struct place p;
	bool ok = place_of(dir, &p) && connect(fd, (const struct sockaddr *)&p.at, sizeof p.at) == 0;

	leave(&p);
	return ok;
}

static int connected(const char *dir)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && reach(fd, dir))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* ------------------------------------------------------------------------------------------------ the engine's side */

static bool be_found(int fd, const char *dir)
{
	struct place p;
	mode_t mask = umask(0177);
	bool ok = place_of(dir, &p) && bind(fd, (const struct sockaddr *)&p.at, sizeof p.at) == 0 && listen(fd, 4) == 0;

	umask(mask);
	leave(&p);
	return ok;
}

struct oto_control *oto_control_open(const char *dir, struct oto_error *err)
{
	int other = connected(dir);
	if (other >= 0) {
		close(other);
		oto_fail(err, "another otoscope runs over %s", dir);
		return NULL;
	}
	struct oto_buf path = { 0 };
	oto_buf_fmt(&path, "%s/control", dir);
	unlink(path.data); /* left by one that was killed */
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || !be_found(fd, dir)) {
		oto_fail(err, "%s: %s; no commands reach this run", path.data, strerror(errno));
		if (fd >= 0)
			close(fd);
		oto_buf_free(&path);
		return NULL;
	}
	struct oto_control *c = oto_calloc(1, sizeof *c);
	*c = (struct oto_control){ fd, path.data };
	return c;
}

void oto_control_close(struct oto_control *c)
{
	if (!c)
		return;
	close(c->listening);
	unlink(c->path);
	free(c->path);
	free(c);
}

static bool unpack(struct oto_question *q, char letter, const char *text)
{
	switch (letter) {
	case 'w':
		if (q->nwords == OTO_QUESTION_WORDS)
			return false;
		q->words[q->nwords++] = text;
		return true;
	case 'n':
		if (q->narguments == OTO_QUESTION_WORDS)
			return false;
		q->arguments[q->narguments++].name = text;
		return true;
	case 'v':
		if (!q->narguments)
			return false;
		q->arguments[q->narguments - 1].value = text;
		return true;
	case 'W':
		q->where = text;
		return true;
	case 's':
		q->sort = text;
		return true;
	case 'C':
		q->columns = text;
		return true;
	case 'l':
		q->limit = strtoul(text, NULL, 10);
		return true;
	case 'c':
		q->width = strtoul(text, NULL, 10);
		return true;
	case 'f':
		q->format = (enum oto_answer_format)(text[0] - '0');
		return true;
	case 'd':
		q->folder = text;
		return true;
	case 'h':
		q->help = true;
		return true;
	default:
		return false;
	}
}

static bool unpack_all(struct oto_question *q, const struct oto_buf *b)
{
	for (size_t at = 0; at < b->len;) {
		const char *text = b->data + at;
		size_t n = strnlen(text, b->len - at);
		if (!n || at + n == b->len || !unpack(q, text[0], text + 1))
			return false;
		at += n + 1;
	}
	for (size_t i = 0; i < q->narguments; i++) {
		if (!q->arguments[i].value)
			return false;
	}
	return q->nwords > 0;
}

static bool read_question(int fd, struct oto_buf *b)
{
	char piece[4096];
	ssize_t n;

	while ((n = recv(fd, piece, sizeof piece, 0)) > 0 && b->len < QUESTION_MAX)
		oto_buf_add(b, piece, (size_t)n);
	return n == 0;
}

static void send_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		at += n;
		len -= (size_t)n;
	}
}

static void answer(int fd, struct oto_question *q, struct oto_engine *e)
{
	char *out = NULL, *err = NULL;
	size_t out_len = 0, err_len = 0;

	q->out = open_memstream(&out, &out_len);
	q->err = open_memstream(&err, &err_len);
	int exit_code = q->out && q->err ? oto_command_answer(q, e) : OTO_EXIT_FAILED;
	if (q->out)
		fclose(q->out);
	if (q->err)
		fclose(q->err);
	struct head head = { exit_code, err_len, out_len };
	send_all(fd, &head, sizeof head);
	send_all(fd, err, err_len);
	send_all(fd, out, out_len);
	free(out);
	free(err);
}

void oto_control_poll(struct oto_control *c, struct oto_engine *e)
{
	int fd = accept4(c->listening, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	/* who asks is a person on this machine, and must not keep packets waiting */
	struct timeval patience = { .tv_usec = PATIENCE_MS * 1000 };
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	struct oto_question *q = oto_calloc(1, sizeof *q);
	struct oto_buf b = { 0 };
	q->live = true;
	if (read_question(fd, &b) && unpack_all(q, &b))
		answer(fd, q, e);
	oto_buf_free(&b);
	free(q);
	close(fd);
}

/* ------------------------------------------------------------------------------------------------ who asks */

static void pack(struct oto_buf *b, char letter, const char *text)
{
	oto_buf_chr(b, letter);
	oto_buf_str(b, text);
	oto_buf_add(b, "", 1);
}

static void pack_number(struct oto_buf *b, char letter, size_t n)
{
	char text[24];

	snprintf(text, sizeof text, "%zu", n);
	pack(b, letter, text);
}

static void pack_all(struct oto_buf *b, const struct oto_question *q)
{
	for (size_t i = 0; i < q->nwords; i++)
		pack(b, 'w', q->words[i]);
	for (size_t i = 0; i < q->narguments; i++) {
		pack(b, 'n', q->arguments[i].name);
		pack(b, 'v', q->arguments[i].value);
	}
	if (q->where)
		pack(b, 'W', q->where);
	if (q->sort)
		pack(b, 's', q->sort);
	if (q->columns)
		pack(b, 'C', q->columns);
	if (q->folder)
		pack(b, 'd', q->folder);
	if (q->help)
		pack(b, 'h', "");
	pack_number(b, 'l', q->limit);
	pack_number(b, 'c', q->width);
	pack_number(b, 'f', q->format);
}

/* All of it before any of it is shown: who reads in a pager must not keep the engine waiting. */
static bool receive_text(int fd, struct oto_buf *text, uint64_t len)
{
	char piece[65536];

	while (text->len < len) {
		size_t left = (size_t)(len - text->len);
		ssize_t n = recv(fd, piece, left < sizeof piece ? left : sizeof piece, 0);
		if (n <= 0)
			return false;
		oto_buf_add(text, piece, (size_t)n);
	}
	return true;
}

bool oto_control_ask(const char *dir, struct oto_question *q, int *exit_code)
{
	struct oto_buf b = { 0 }, err = { 0 }, out = { 0 };
	struct head head = { 0 };
	int fd = connected(dir);

	if (fd < 0)
		return false;
	pack_all(&b, q);
	send_all(fd, b.data, b.len);
	shutdown(fd, SHUT_WR);
	bool whole = recv(fd, &head, sizeof head, MSG_WAITALL) == (ssize_t)sizeof head && receive_text(fd, &err, head.err) &&
		     receive_text(fd, &out, head.out);
	if (err.len)
		fwrite(err.data, 1, err.len, q->err);
	if (out.len)
		fwrite(out.data, 1, out.len, q->out);
	*exit_code = whole ? (int)head.exit_code : OTO_EXIT_FAILED;
	if (!whole)
		fprintf(q->err, "otoscope: the engine that runs over %s gave no %sanswer\n", dir, err.len || out.len ? "whole " : "");
	close(fd);
	oto_buf_free(&b);
	oto_buf_free(&err);
	oto_buf_free(&out);
	return true;
}
