/* main.c - otoscope-send's command line: reads send.lua of a state folder and serves its destinations, a thread each, until Ctrl-C. */
#include "send.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 3.0 /* seconds that a transfer has after the word to stop */

enum exit_code { OK = 0, FAILED_ = 1, USAGE = 2, INTERRUPTED = 130 };

struct asked {
	char *dir;
	const char *test;
	bool once, status, check;
};

atomic_int stopping;
static int wake[2] = { -1, -1 };
static struct timespec stopped_at;

/* ------------------------------------------------------------------------------------------------ the word to stop */

static void on_stop(int number)
{
	int before = errno;

	(void)number;
	if (stopping)
		_exit(INTERRUPTED);
	clock_gettime(CLOCK_MONOTONIC, &stopped_at);
	stopping = 1;
	ssize_t ignored = write(wake[1], "", 1);
	(void)ignored;
	errno = before;
}

bool must_end(void)
{
	struct timespec now;

	if (!stopping)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - stopped_at.tv_sec) + (double)(now.tv_nsec - stopped_at.tv_nsec) / 1e9 > PATIENCE;
}

/* The byte stays in the pipe: it wakes all threads, and for good. */
void pause_for(double seconds)
{
	struct pollfd p = { .fd = wake[0], .events = POLLIN };
	poll(&p, 1, (int)(seconds * 1000));
}

static bool catch_signals(void)
{
	struct sigaction end = { .sa_handler = on_stop };

	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK))
		return false;
	signal(SIGPIPE, SIG_IGN);
	return !sigaction(SIGINT, &end, NULL) && !sigaction(SIGTERM, &end, NULL);
}

/* ------------------------------------------------------------------------------------------------ the command line */

static void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("otoscope-send: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

static void help(void)
{
	puts("Delivers the alerts of a state folder to other systems, in order, each until it was taken.\n\n"
	     "usage: otoscope send --state DIR [--once]\n"
	     "       otoscope send --state DIR --test DESTINATION\n"
	     "       otoscope send --state DIR --status | --check\n\n"
	     "  --state DIR     the folder that an engine keeps its state in; DIR/send.lua says who is told what\n"
	     "  --once          deliver what waits, then end: 0 when all was delivered, 1 when something still waits\n"
	     "  --test NAME     send one message to this destination and say what the far end answered\n"
	     "  --status        how far each destination is\n"
	     "  --check         read send.lua and say what it says\n"
	     "  -h, --help      print this\n\n"
	     "Without --once it runs until Ctrl-C or SIGTERM. An engine writes alerts for it when it runs live\n"
	     "with --state DIR and DIR/send.lua is there; a replay only with --send.\n\n"
	     "A send.lua\n"
	     "  syslog { name = \"siem\", to = \"tls://siem.example.com:6514\", format = \"cef\", severity = \"medium\" }\n"
	     "  webhook { name = \"desk\", to = \"https://desk.example.com/hook\", token = file \"/etc/otoscope/desk.token\" }\n"
	     "  mail { name = \"shift\", server = \"smtp://mail.example.com:587\", from = \"otoscope@example.com\",\n"
	     "         to = { \"shift@example.com\" }, severity = \"high\", asset = \"10.1.0.0/16\" }\n"
	     "  redis { name = \"bus\", to = \"redis://127.0.0.1:6379\", stream = \"alerts\" }\n\n"
	     "Exit codes: 0 done; 1 something was not delivered; 2 a wrong option or configuration; 130 stopped twice.");
}

static bool wrong(int *exit_code)
{
	fputs("otoscope-send: --help tells how\n", stderr);
	*exit_code = USAGE;
	return false;
}

static bool parse(struct asked *a, int argc, char **argv, int *exit_code)
{
	static const struct option options[] = {
		{ "state", required_argument, NULL, 's' },
		{ "once", no_argument, NULL, 'o' },
		{ "test", required_argument, NULL, 't' },
		{ "status", no_argument, NULL, 'S' },
		{ "check", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};

	for (int code; (code = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
		switch (code) {
		case 's':
			a->dir = optarg;
			break;
		case 'o':
			a->once = true;
			break;
		case 't':
			a->test = optarg;
			break;
		case 'S':
			a->status = true;
			break;
		case 'c':
			a->check = true;
			break;
		case 'h':
			help();
			*exit_code = OK;
			return false;
		default:
			return wrong(exit_code);
		}
	}
	if (optind < argc)
		complain("what is \"%s\"?", argv[optind]);
	else if (!a->dir)
		complain("which alerts? --state DIR");
	else if (a->once + (a->test != NULL) + a->status + a->check > 1)
		complain("one of --once, --test, --status and --check");
	else
		return true;
	return wrong(exit_code);
}

/* ------------------------------------------------------------------------------------------------ what is asked */

static const char *const kinds[] = { "syslog", "webhook", "mail", "redis", "block" };

static int check(const struct configuration *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct destination *d = &c->items[i];
		printf("%-20s %-8s %s%s%s\n", d->name, kinds[d->kind], d->url, d->secret ? ", with a secret" : "",
		       d->kind == SEND_BLOCK && !d->enabled ? ", off" : "");
	}
	return OK;
}

static int status(const struct configuration *c, const char *dir)
{
	int exit_code = OK;

	printf("%-20s %10s %10s %10s %10s  %s\n", "destination", "waiting", "delivered", "refused", "lost", "");
	for (size_t i = 0; i < c->n; i++) {
		struct oto_error err = { "" };
		struct queue q;
		bool there = false;
		int64_t waiting = 0, last = 0;
		bool ok = queue_open(&q, dir, c->items[i].name, &err);
		q.only_look = true;
		if (ok && queue_look(&q, &there, &err) && queue_waiting(&q, &waiting, &last, &err)) {
			printf("%-20s %10lld %10lld %10lld %10lld  %s\n", c->items[i].name, (long long)waiting, (long long)q.at.delivered,
			       (long long)q.at.refused, (long long)q.at.lost, q.at.flying ? "on its way" : "");
		} else {
			complain("%s", err.text);
			exit_code = FAILED_;
		}
		if (ok)
			queue_close(&q);
	}
	return exit_code;
}

static int test(const struct configuration *c, const char *name)
{
	const char *names[64];

	for (size_t i = 0; i < c->n; i++) {
		if (!strcmp(c->items[i].name, name))
			return send_test(&c->items[i]);
		names[i] = c->items[i].name;
	}
	char near[256];
	complain("there is no destination %s%s", name, oto_near(near, sizeof near, name, names, c->n));
	return USAGE;
}

/* One at a time: two would deliver everything twice. */
static bool lock(const char *dir)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/send.lock", dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		complain("%s: %s", path, strerror(errno));
		return false;
	}
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return true; /* held until this process ends */
	complain("another otoscope send runs over %s", dir);
	close(fd);
	return false;
}

static int run(const struct configuration *c, const struct asked *a)
{
	struct service *services = oto_calloc(c->n, sizeof *services);
	pthread_t *threads = oto_calloc(c->n, sizeof *threads);
	bool *started = oto_calloc(c->n, sizeof *started);
	struct oto_error err = { "" };
	int exit_code = OK;

	if (!queue_register(a->dir, c, &err)) {
		complain("%s", err.text);
		exit_code = FAILED_;
	}
	for (size_t i = 0; exit_code == OK && i < c->n; i++) {
		services[i] = (struct service){ .d = &c->items[i], .dir = a->dir, .once = a->once };
		started[i] = pthread_create(&threads[i], NULL, serve, &services[i]) == 0;
		if (!started[i])
			exit_code = FAILED_;
	}
	for (size_t i = 0; i < c->n; i++) {
		if (started[i])
			pthread_join(threads[i], NULL);
		if (a->once && services[i].exit_code)
			exit_code = services[i].exit_code;
	}
	free(started);
	free(threads);
	free(services);
	return exit_code;
}

static int work(const struct configuration *c, const struct asked *a)
{
	if (a->check)
		return check(c);
	if (a->status)
		return status(c, a->dir);
	if (!catch_signals())
		return FAILED_;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	int exit_code = a->test ? test(c, a->test) : lock(a->dir) ? run(c, a) : FAILED_;
	curl_global_cleanup();
	return exit_code;
}

int main(int argc, char **argv)
{
	struct asked a = { 0 };
	struct configuration c;
	struct oto_error err = { "" };
	struct stat st;
	char path[4096];
	int exit_code = OK;

	if (!parse(&a, argc, argv, &exit_code))
		return exit_code;
	for (size_t n = strlen(a.dir); n > 1 && a.dir[n - 1] == '/'; n--)
		a.dir[n - 1] = 0;
	snprintf(path, sizeof path, "%s/send.lua", a.dir);
	if (stat(path, &st)) {
		complain("%s: %s; it says who is told what (--help shows one)", path, strerror(errno));
		return USAGE;
	}
	if (!configuration_read(&c, path, &err)) {
		complain("%s", err.text);
		return USAGE;
	}
	exit_code = work(&c, &a);
	configuration_free(&c);
	if (fflush(stdout) && exit_code == OK)
		exit_code = FAILED_;
	return exit_code;
}
