/* cli_run.c - one run: an engine, its scripts, the packets, and the last word. The loop here serves files and interfaces alike.
 */
#include "cli_command.h"

#include <stdlib.h>

#define PROGRESS_EVERY 4096u

static bool load_standard(struct oto_policy *policy, struct oto_error *err)
{
	struct oto_cli_list scripts = { 0 };
	bool ok = true;
	oto_cli_standard_scripts(&scripts);
	for (size_t i = 0; i < scripts.n && ok; i++)
		ok = oto_policy_standard(policy, scripts.items[i], err);
	for (size_t i = 0; i < scripts.n; i++)
		free((void *)(uintptr_t)scripts.items[i]);
	free(scripts.items);
	return ok;
}

bool oto_cli_load_scripts(const struct oto_cli *cli, struct oto_policy *policy, struct oto_error *err)
{
	uint32_t code = 0;
	if (cli->standard && !load_standard(policy, err))
		return false;
	for (size_t i = 0; i < cli->nscripts; i++) {
		const struct oto_cli_script *s = &cli->scripts[i];
		char name[24] = "-e";
		if (s->is_code && ++code > 1)
			snprintf(name, sizeof name, "-e %u", code);
		if (s->is_code ? !oto_policy_text(policy, name, s->text, err) : !oto_policy_file(policy, s->text, err))
			return false;
	}
	return true;
}

/* Until the captures end or somebody stops us. One damaged file of a timeline does not keep the others from being read. Live, the
 * clock stands a second behind the wall when nothing comes, so that silence is noticed and late packets are not from the past. */
static bool read_packets(const struct oto_cli *cli, struct oto_engine *e, struct oto_capture *c, struct oto_control *control,
			 const struct oto_cli_hooks *hooks, struct oto_cli_result *r)
{
	struct oto_packet packet;
	struct oto_error now;
	struct oto_anew anew = { .cli = cli };
	bool ok = true;
	for (uint32_t n = 1; !oto_cli_stopped() && !r->again; n++) {
		switch (oto_capture_next(c, &packet, &now)) {
		case OTO_CAPTURE_PACKET:
			oto_engine_packet(e, &packet);
			break;
		case OTO_CAPTURE_IDLE:
			r->again = oto_cli_anew(&anew);
			if (cli->interface && !r->again)
				oto_engine_idle(e, oto_cli_wall_ns() - OTO_SECOND);
			if (control)
				oto_control_poll(control, e);
			break;
		case OTO_CAPTURE_GAP: {
			struct oto_capture_gap gap = oto_capture_last_gap(c);
			oto_engine_gap(e, gap.from_ns, gap.to_ns);
			break;
		}
		case OTO_CAPTURE_END:
			return ok;
		case OTO_CAPTURE_ERROR:
			if (ok)
				r->error = now;
			ok = false;
			break;
		}
		if (n % PROGRESS_EVERY == 0 && !r->again)
			r->again = oto_cli_anew(&anew);
		if (n % PROGRESS_EVERY == 0 && control)
			oto_control_poll(control, e);
		if (n % PROGRESS_EVERY == 0 && hooks->progress) {
			struct oto_capture_stats stats = oto_capture_stats(c);
			hooks->progress(hooks->who, &stats);
		}
	}
	return ok;
}

static void collect(const struct oto_engine *e, struct oto_cli_result *r)
{
	const struct oto_log_count *counts;
	uint32_t n = oto_logs_counts(e->logs, &counts);
	for (uint32_t i = 0; i < n; i++)
		r->rows += counts[i].rows;
	r->packets = e->stats.packets;
	r->bytes = e->stats.bytes;
	r->duplicates = e->stats.duplicates;
	r->weirds = e->stats.weirds;
	r->script_errors = oto_policy_stats(e->policy).errors;
	r->mistakes = oto_analyzers_mistakes(e->analyzers);
	r->events = oto_bus_stats(e->bus).emitted;
	r->capture_seconds = (double)e->stats.passed_ns / (double)OTO_SECOND;
}

static void run_engine(const struct oto_cli *cli, struct oto_engine *e, struct oto_capture *c, const struct oto_cli_hooks *hooks,
		       struct oto_cli_result *r)
{
	struct oto_error late = { { 0 } };
	if (!oto_cli_load_scripts(cli, e->policy, &r->error) || !oto_engine_start(e, &r->error) ||
	    (hooks->ready && !hooks->ready(hooks->who, e, &r->error))) {
		r->exit_code = OTO_EXIT_USAGE;
		return;
	}
	struct oto_control *control = NULL;
	if (cli->engine.policy.state_dir && !(control = oto_control_open(cli->engine.policy.state_dir, &r->error))) {
		r->exit_code = OTO_EXIT_FAILED;
		return;
	}
	struct oto_measure *measure = cli->coverage ? oto_measure_new(e) : NULL;
	if (!read_packets(cli, e, c, control, hooks, r) && !oto_cli_stopped())
		r->exit_code = OTO_EXIT_FAILED;
	oto_control_close(control);
	/* What came before the damage is good: its flows end and its rows are written like any other's. */
	if (!oto_engine_finish(e, &late)) {
		r->exit_code = OTO_EXIT_FAILED;
		r->error = late;
	}
	collect(e, r);
	if (measure && !oto_measure_write(measure, cli->coverage, cli->inputs.n ? cli->inputs.items[0] : cli->interface, &r->error))
		r->exit_code = OTO_EXIT_FAILED;
	if (cli->cost && !oto_measure_costs(e, cli->cost, &r->error))
		r->exit_code = OTO_EXIT_FAILED;
	if (cli->script_cost && !oto_policy_costs(e->policy, cli->script_cost, &r->error))
		r->exit_code = OTO_EXIT_FAILED;
	oto_measure_free(measure);
	if (oto_capture_stats(c).truncated_files && r->exit_code == OTO_EXIT_OK && !oto_cli_stopped()) {
		r->exit_code = OTO_EXIT_FAILED;
		oto_fail(&r->error, "the capture ends in the middle of a packet; all packets before it were read");
	}
	r->exit_code = oto_cli_exit_code(r->exit_code);
	if (hooks->done)
		hooks->done(hooks->who, e);
}

/* What a run leaves in the state folder for others: alerts to be sent, packets around them. A rehearsal leaves nothing. What was captured
 * long ago must not call people out unless somebody says so. */
static void beside_the_state(const struct oto_cli *cli, bool replay, struct oto_engine_options *o, struct oto_buf *packets)
{
	const char *dir = o->policy.rehearsal ? NULL : o->policy.state_dir;

	o->packets.dir = NULL;
	if (!dir)
		return;
	o->spool.dir = dir;
	o->spool.mode = cli->send ? OTO_SPOOL_ALWAYS : replay ? OTO_SPOOL_OFF : OTO_SPOOL_CONFIGURED;
	if (cli->no_packets)
		return;
	oto_buf_fmt(packets, "%s/packets", dir);
	o->packets.dir = packets->data;
}

void oto_cli_run(const struct oto_cli *cli, const char *const *paths, size_t n, const char *log_dir, const struct oto_cli_hooks *hooks,
		 struct oto_cli_result *r)
{
	int64_t start = oto_cli_clock_ns();
	*r = (struct oto_cli_result){ .exit_code = OTO_EXIT_OK };
	struct oto_capture *c =
	    n ? oto_capture_files(paths, n, cli->bpf, &r->error) : oto_capture_live(cli->interface, cli->bpf, &r->error);
	if (!c) {
		r->exit_code = OTO_EXIT_FAILED;
		/* Ctrl-C while standard input had nothing yet: that is no damage. */
		if (oto_cli_stopped()) {
			r->error.text[0] = 0;
			r->exit_code = oto_cli_stopped();
		}
		return;
	}
	if (!n) /* whoever reads what scripts print wants it now, not by the block */
		setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	struct oto_engine_options options = cli->engine;
	struct oto_buf packets = { 0 };
	options.log.dir = log_dir;
	options.policy.whole = oto_cli_countable(paths, n);
	options.keeps_time = oto_cli_may_begin_anew(cli);
	beside_the_state(cli, n > 0, &options, &packets);
	bool ok = !log_dir || !strcmp(log_dir, "-") || oto_cli_make_dir(log_dir, &r->error);
	const char *state = options.policy.rehearsal ? NULL : options.policy.state_dir;
	ok = ok && (!state || (oto_cli_make_dir(state, &r->error) && oto_cli_not_counted(state, paths, n, &r->error)));
	struct oto_engine *e = ok ? oto_engine_new(&options, &r->error) : NULL;
	oto_cli_wakes(c);
	if (e)
		run_engine(cli, e, c, hooks, r);
	else
		r->exit_code = ok ? OTO_EXIT_USAGE : OTO_EXIT_FAILED;
	oto_cli_wakes(NULL);
	if (e && state && r->exit_code != OTO_EXIT_USAGE && !oto_cli_counted(state, paths, n, &r->error))
		r->exit_code = OTO_EXIT_FAILED;
	if (r->mistakes && r->exit_code == OTO_EXIT_OK)
		r->exit_code = OTO_EXIT_USAGE;
	oto_engine_free(e);
	oto_capture_close(c);
	oto_buf_free(&packets);
	r->seconds = (double)(oto_cli_clock_ns() - start) / (double)OTO_SECOND;
}

/* ------------------------------------------------------------------------------------------------ one timeline */

struct timeline {
	const struct oto_cli *cli;
	struct oto_progress progress;
	struct oto_buf logs; /* "conn 12, modbus 3" */
};

static void on_progress(void *who, const struct oto_capture_stats *stats)
{
	struct timeline *t = who;
	oto_progress_packets(&t->progress, stats);
}

static void list_logs(struct timeline *t, const struct oto_engine *e)
{
	const struct oto_log_count *counts;
	uint32_t n = oto_logs_counts(e->logs, &counts);
	char number[32];
	for (uint32_t i = 0; i < n; i++)
		if (counts[i].rows)
			oto_buf_fmt(&t->logs, "%s%s %s", t->logs.len ? ", " : "", counts[i].name,
				    oto_cli_thousands(counts[i].rows, number));
}

static void say_analyzers(const struct oto_engine *e, FILE *to)
{
	const struct oto_analyzer_cost *costs;
	uint32_t n = oto_analyzer_costs(e->analyzers, &costs);
	char messages[32], bytes[32];
	fprintf(to, "%-20s %15s %18s %10s %10s\n", "protocol", "messages", "bytes", "truncated", "weird");
	for (uint32_t i = 0; i < n; i++)
		if (costs[i].pdus || costs[i].truncated)
			fprintf(to, "%-20s %15s %18s %10llu %10llu\n", costs[i].name, oto_cli_thousands(costs[i].pdus, messages),
				oto_cli_thousands(costs[i].bytes, bytes), (unsigned long long)costs[i].truncated,
				(unsigned long long)costs[i].weirds);
}

static void say_stages(const struct oto_engine *e)
{
	struct oto_decode_stats d = oto_decode_stats(e->decoder);
	struct oto_conn_stats f = oto_conn_stats(e->conns);
	struct oto_stream_stats s = oto_stream_stats(e->streams);
	struct oto_policy_stats p = oto_policy_stats(e->policy);
	struct oto_bus_stats b = oto_bus_stats(e->bus);
#define N(x) ((unsigned long long)(x))
	fprintf(stderr, "decode  %llu frames: %llu IPv4, %llu IPv6, %llu other, %llu truncated, %llu bad lengths, %llu fragments\n",
		N(d.frames), N(d.ipv4), N(d.ipv6), N(d.non_ip), N(d.truncated), N(d.bad_length), N(d.fragments));
	fprintf(stderr, "        wrong checksums: %llu IP, %llu TCP, %llu UDP, %llu ICMP\n", N(d.bad_checksum_ip), N(d.bad_checksum_tcp),
		N(d.bad_checksum_udp), N(d.bad_checksum_icmp));
	fprintf(stderr, "flow    %llu flows, at most %llu at a time, %llu evicted\n", N(f.made), N(f.peak), N(f.evicted));
	fprintf(stderr, "stream  %llu segments out of order, %llu sent again, %llu overlaps, %llu gaps of %llu bytes\n", N(s.out_of_order),
		N(s.retransmitted), N(s.overlaps), N(s.gaps), N(s.gap_bytes));
	fprintf(stderr, "event   %llu emitted, %llu unheard, %llu dropped\n", N(b.emitted), N(b.unheard), N(b.overflow));
	fprintf(stderr, "script  %llu calls, %llu events filtered out, %llu errors, %llu over budget, at most %llu bytes\n", N(p.calls),
		N(p.filtered), N(p.errors), N(p.over_budget), N(p.memory_peak));
	if (e->packets) {
		struct oto_packets_stats k = oto_packets_stats(e->packets);
		fprintf(stderr, "packets %llu captures around alerts, of %llu packets; %llu alerts without, %llu failed, %llu removed\n",
			N(k.captures), N(k.packets), N(k.refused), N(k.failed), N(k.removed));
	}
	if (e->spool) {
		struct oto_spool_stats o = oto_spool_stats(e->spool);
		fprintf(stderr, "spool   %llu messages, %llu told before, %llu dropped, %llu waiting, %llu failed\n", N(o.written),
			N(o.again), N(o.dropped), N(o.waiting), N(o.failed));
	}
#undef N
	say_analyzers(e, stderr);
}

static void on_done(void *who, struct oto_engine *e)
{
	struct timeline *t = who;
	oto_progress_clear(&t->progress);
	list_logs(t, e);
	if (t->cli->verbose)
		say_stages(e);
	/* Neither logs nor a script: the least that is useful is what was on the wire. */
	if (!t->cli->engine.log.dir && !t->cli->nscripts && !t->cli->verbose)
		say_analyzers(e, stdout);
}

static void say_result(const struct timeline *t, const struct oto_cli_result *r)
{
	const char *dir = t->cli->engine.log.dir;
	char packets[32], events[32], weirds[32];
	fprintf(stderr, "%s packets over %.1f s in %.2f s; %s events, %s weirds", oto_cli_thousands(r->packets, packets),
		r->capture_seconds, r->seconds, oto_cli_thousands(r->events, events), oto_cli_thousands(r->weirds, weirds));
	if (r->duplicates)
		fprintf(stderr, "; %s duplicates dropped", oto_cli_thousands(r->duplicates, packets));
	if (r->script_errors)
		fprintf(stderr, "; %s script errors", oto_cli_thousands(r->script_errors, packets));
	if (r->mistakes)
		fprintf(stderr, "; %s wrong calls of analyzers", oto_cli_thousands(r->mistakes, packets));
	if (oto_cli_stopped())
		fputs("; stopped early", stderr);
	if (dir && t->logs.len)
		fprintf(stderr, "; rows: %.*s%s%s", (int)t->logs.len, t->logs.data, strcmp(dir, "-") ? "; logs in " : "",
			strcmp(dir, "-") ? dir : "");
	fputc('\n', stderr);
	if (!dir && !t->cli->nscripts)
		fputs("-l DIR writes logs; a script.lua argument runs a script; otoscope doc lists events and logs\n", stderr);
}

int oto_cli_timeline(const struct oto_cli *cli)
{
	struct oto_cli_files files = { 0 };
	struct oto_cli_result r;
	struct timeline t = { .cli = cli };
	struct oto_cli_list paths = { 0 };
	struct oto_error err;
	if (!cli->interface && !oto_cli_inputs(&cli->inputs, &files, &err)) {
		oto_cli_say("%s", err.text);
		oto_cli_files_free(&files);
		return OTO_EXIT_FAILED;
	}
	for (size_t i = 0; i < files.n; i++)
		oto_cli_list_add(&paths, files.file[i].path);
	if (cli->verbose && files.passed_over)
		oto_cli_say("%zu files are no captures and were passed over", files.passed_over);
	oto_progress_start(&t.progress, cli->quiet);
	if (cli->interface && cli->engine.policy.state_dir)
		oto_cli_catch_reload();
	struct oto_cli own = *cli;
	for (bool again = true; again; again = r.again && r.exit_code == OTO_EXIT_OK) {
		t.logs.len = 0;
		oto_cli_run(&own, paths.items, paths.n, own.engine.log.dir,
			    &(struct oto_cli_hooks){ .progress = on_progress, .done = on_done, .who = &t }, &r);
		if (!own.engine.log.rotate_ns && !own.engine.log.rotate_bytes)
			own.engine.log.rotate_bytes = UINT64_MAX; /* logs of the run before are kept beside those of the next */
	}
	fflush(stdout);
	bool quiet_end = oto_cli_stopped() == OTO_EXIT_PIPE;
	if (r.error.text[0] && !quiet_end)
		oto_cli_say("%s", r.error.text);
	if (!cli->quiet && !quiet_end && (r.exit_code != OTO_EXIT_USAGE || r.mistakes) && (r.packets || r.exit_code != OTO_EXIT_FAILED))
		say_result(&t, &r);
	oto_buf_free(&t.logs);
	free(paths.items);
	oto_cli_files_free(&files);
	return r.exit_code;
}
