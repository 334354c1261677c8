/* cli_each.c - a run per file: a process for each, so many at a time, a folder and a JSON line for each.
 *
 * A process per file because a file that crashes, hangs in a script or eats the memory must not take the others with it. Lines come
 * in the order of the files, whichever finishes first. A file that was done leaves otoscope.done in its folder: its line and what it was
 * made from, which is what --resume compares.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MARKER "otoscope.done"

struct job {
	pid_t pid;      /* 0: not started, or gathered */
	int from_child; /* its result line */
	struct oto_buf line;
	bool finished, failed;
};

struct each {
	const struct oto_cli *cli;
	struct oto_cli_files files;
	struct job *jobs;
	size_t next, printed, finished, running;
	struct oto_progress progress;
};

static char *join(const char *a, const char *b)
{
	size_t size = strlen(a) + strlen(b) + 2;
	char *path = oto_calloc(1, size);
	snprintf(path, size, "%s/%s", a, b);
	return path;
}

static char *folder_of(const struct each *a, size_t i)
{
	const char *dir = a->cli->engine.log.dir;
	return dir ? join(dir, a->files.file[i].name) : NULL;
}

/* Everything a result depends on: the file's size and time, and the fingerprint of options and scripts. */
static void origin(const struct each *a, size_t i, char *out, size_t size)
{
	struct stat st = { 0 };
	stat(a->files.file[i].path, &st);
	snprintf(out, size, "# size %lld mtime %lld.%09ld options %016llx\n", (long long)st.st_size, (long long)st.st_mtim.tv_sec,
		 (long)st.st_mtim.tv_nsec, (unsigned long long)a->cli->fingerprint);
}

static void json_line(const char *path, const struct oto_cli_result *r, struct oto_buf *out)
{
	oto_buf_str(out, "{\"file\":");
	oto_json_text(oto_slice_of(path), out);
	oto_buf_fmt(out, ",\"packets\":%llu,\"bytes\":%llu,\"rows\":%llu,\"events\":%llu,\"weirds\":%llu,\"seconds\":%.3f,\"error\":",
		    (unsigned long long)r->packets, (unsigned long long)r->bytes, (unsigned long long)r->rows,
		    (unsigned long long)r->events, (unsigned long long)r->weirds, r->seconds);
	if (r->error.text[0])
		oto_json_text(oto_slice_of(r->error.text), out);
	else
		oto_buf_str(out, "null");
	oto_buf_str(out, "}\n");
}

static void write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);
		if (n < 0 && errno != EINTR)
			return;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
}

/* Written last and by renaming: a marker means that everything before it is whole. */
static void leave_marker(const struct each *a, size_t i, const char *folder, const struct oto_buf *line)
{
	char from[160];
	char *final = join(folder, MARKER), *temporary = join(folder, MARKER ".tmp");
	origin(a, i, from, sizeof from);
	FILE *f = fopen(temporary, "w");
	if (f) {
		bool ok = fputs(from, f) >= 0 && fwrite(line->data, 1, line->len, f) == line->len;
		ok = fclose(f) == 0 && ok;
		if (!ok || rename(temporary, final))
			unlink(temporary);
	}
	free(final);
	free(temporary);
}

/* What scripts print goes beside the logs: stdout belongs to the result lines. */
static void redirect_prints(const char *folder)
{
	char *path = folder ? join(folder, "stdout.txt") : oto_strdup("/dev/null");
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (fd >= 0) {
		dup2(fd, STDOUT_FILENO);
		close(fd);
	}
	free(path);
}

static int work(const struct each *a, size_t i, int to_parent)
{
	struct oto_cli_result r = { 0 };
	struct oto_buf line = { 0 };
	const char *path = a->files.file[i].path;
	char *folder = folder_of(a, i);
	if (folder && !oto_cli_make_dir(folder, &r.error)) {
		r.exit_code = OTO_EXIT_FAILED;
	} else {
		if (a->cli->nscripts)
			redirect_prints(folder);
		oto_cli_run(a->cli, &path, 1, folder, &(struct oto_cli_hooks){ 0 }, &r);
		fflush(stdout);
	}
	/* A damaged capture is done: reading it again would give the same. What could not be read at all is tried again. */
	json_line(path, &r, &line);
	if (folder && !oto_cli_stopped() && (r.exit_code == OTO_EXIT_OK || (r.exit_code == OTO_EXIT_FAILED && r.packets)))
		leave_marker(a, i, folder, &line);
	write_all(to_parent, line.data, line.len);
	oto_buf_free(&line);
	free(folder);
	return r.exit_code;
}

/* The line of an earlier run, if it was made from the same file by the same options. */
static bool was_done(const struct each *a, size_t i, struct oto_buf *line)
{
	char now[160], then[160], chunk[1024];
	char *folder = folder_of(a, i), *path = join(folder, MARKER);
	FILE *f = fopen(path, "r");
	free(folder);
	free(path);
	if (!f)
		return false;
	origin(a, i, now, sizeof now);
	bool same = fgets(then, sizeof then, f) && !strcmp(now, then);
	for (size_t n; same && (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		oto_buf_add(line, chunk, n);
	fclose(f);
	return same && line->len;
}

static void finish_job(struct each *a, struct job *j, bool failed)
{
	j->pid = 0;
	j->finished = true;
	j->failed = failed;
	a->finished++;
}

static void fail_job(struct each *a, size_t i, const char *format, int number)
{
	struct oto_cli_result r = { 0 };
	oto_fail(&r.error, format, number);
	a->jobs[i].line.len = 0;
	json_line(a->files.file[i].path, &r, &a->jobs[i].line);
	finish_job(a, &a->jobs[i], true);
}

static void start_job(struct each *a, size_t i)
{
	struct job *j = &a->jobs[i];
	int ends[2];
	if (a->cli->resume && was_done(a, i, &j->line)) {
		/* The line was written by json_line, whose last member is the error. */
		static const char fine[] = "\"error\":null}\n";
		finish_job(a, j,
			   j->line.len < sizeof fine || memcmp(j->line.data + j->line.len - (sizeof fine - 1), fine, sizeof fine - 1));
		return;
	}
	if (pipe(ends)) {
		fail_job(a, i, "no pipe to a process: error %d", errno);
		return;
	}
	fflush(stdout);
	pid_t pid = fork();
	if (pid < 0) {
		close(ends[0]);
		close(ends[1]);
		fail_job(a, i, "no process for this file: error %d", errno);
		return;
	}
	if (!pid) {
		close(ends[0]);
		_exit(work(a, i, ends[1]));
	}
	close(ends[1]);
	j->pid = pid;
	j->from_child = ends[0];
	a->running++;
}

/* A result line is far shorter than a pipe holds, so it can be read after its writer has ended. */
static void gather(struct each *a, pid_t pid, int status)
{
	for (size_t i = 0; i < a->next; i++) {
		struct job *j = &a->jobs[i];
		if (j->pid != pid)
			continue;
		char chunk[1024];
		for (ssize_t n; (n = read(j->from_child, chunk, sizeof chunk)) > 0;)
			oto_buf_add(&j->line, chunk, (size_t)n);
		close(j->from_child);
		a->running--;
		if (WIFSIGNALED(status))
			fail_job(a, i, "the process that read this file was ended by signal %d", WTERMSIG(status));
		else if (!j->line.len)
			fail_job(a, i, "the process that read this file left no result (exit code %d)", WEXITSTATUS(status));
		else
			finish_job(a, j, WEXITSTATUS(status) != OTO_EXIT_OK);
		return;
	}
}

/* In order; a job that was never started because of Ctrl-C has no line. */
static void print_lines(struct each *a)
{
	for (; a->printed < a->files.n && a->jobs[a->printed].finished; a->printed++) {
		struct job *j = &a->jobs[a->printed];
		fwrite(j->line.data, 1, j->line.len, stdout);
		oto_buf_free(&j->line);
	}
	fflush(stdout);
}

static void pass_signal_on(const struct each *a)
{
	for (size_t i = 0; i < a->next; i++)
		if (a->jobs[i].pid)
			kill(a->jobs[i].pid, SIGTERM);
}

static void run_jobs(struct each *a)
{
	bool told = false;
	while (a->running || (a->next < a->files.n && !oto_cli_stopped())) {
		while (a->running < a->cli->jobs && a->next < a->files.n && !oto_cli_stopped()) {
			start_job(a, a->next);
			a->next++;
			print_lines(a);
		}
		if (oto_cli_stopped() && !told) {
			pass_signal_on(a);
			told = true;
		}
		int status;
		pid_t pid = a->running ? waitpid(-1, &status, 0) : 0;
		if (pid > 0)
			gather(a, pid, status);
		print_lines(a);
		oto_progress_files(&a->progress, a->finished, a->files.n);
	}
}

static int order_by_name(const void *a, const void *b)
{
	const struct oto_cli_file *x = *(const struct oto_cli_file *const *)a, *y = *(const struct oto_cli_file *const *)b;
	return strcmp(x->name, y->name);
}

/* Two captures must not write into one folder. */
static bool names_differ(const struct oto_cli_files *files)
{
	const struct oto_cli_file **sorted = oto_calloc(files->n + 1, sizeof *sorted);
	for (size_t i = 0; i < files->n; i++)
		sorted[i] = &files->file[i];
	qsort(sorted, files->n, sizeof *sorted, order_by_name);
	bool ok = true;
	for (size_t i = 1; ok && i < files->n; i++) {
		ok = strcmp(sorted[i - 1]->name, sorted[i]->name) != 0;
		if (!ok)
			oto_cli_say("%s and %s would share the folder %s: run them apart, or give each a name of its own",
				    sorted[i - 1]->path, sorted[i]->path, sorted[i]->name);
	}
	free(sorted);
	return ok;
}

static int last_word(const struct each *a)
{
	size_t failed = 0;
	for (size_t i = 0; i < a->files.n; i++)
		failed += a->jobs[i].failed;
	if (!a->cli->quiet)
		fprintf(stderr, "%zu of %zu files done, %zu failed%s%s\n", a->finished - failed, a->files.n, failed,
			a->cli->engine.log.dir ? "; logs in " : "", a->cli->engine.log.dir ? a->cli->engine.log.dir : "");
	if (oto_cli_stopped())
		return oto_cli_stopped();
	if (!failed)
		return OTO_EXIT_OK;
	return failed == a->files.n ? OTO_EXIT_FAILED : OTO_EXIT_SOME_FAILED;
}

int oto_cli_each(const struct oto_cli *cli)
{
	struct each a = { .cli = cli };
	struct oto_error err;
	int exit_code = OTO_EXIT_USAGE;
	if (!oto_cli_inputs(&cli->inputs, &a.files, &err)) {
		oto_cli_say("%s", err.text);
		exit_code = OTO_EXIT_FAILED;
	} else if (names_differ(&a.files) && oto_cli_try(cli)) {
		a.jobs = oto_calloc(a.files.n + 1, sizeof *a.jobs);
		oto_progress_start(&a.progress, cli->quiet);
		run_jobs(&a);
		oto_progress_clear(&a.progress);
		exit_code = last_word(&a);
	}
	for (size_t i = 0; a.jobs && i < a.files.n; i++)
		oto_buf_free(&a.jobs[i].line);
	free(a.jobs);
	oto_cli_files_free(&a.files);
	return exit_code;
}
