/* fuzz.c - see fuzz.h. */
#include "fuzz.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST_NS (INT64_C(1715587200) * OTO_SECOND)

/* Every field is read as text and as JSON, as logs and scripts would. */
static void read_event(void *who, const struct oto_event *event)
{
	struct fuzz *f = who;
	uint32_t nhead;
	const struct oto_field *head = oto_head_fields(&nhead);

	f->text.len = 0;
	for (uint32_t i = 0; i < nhead + event->def->nfields; i++) {
		struct oto_value v;
		const struct oto_field *field = i < nhead ? &head[i] : &event->def->fields[i - nhead];
		oto_value_get(event, (struct oto_field_ref){ field, i < nhead }, &v);
		oto_value_text(&v, &f->text);
		oto_value_json(&v, &f->text);
	}
}

/* Rows go to standard output as JSON lines, and that leads nowhere. A plugin stays loaded from input to input: libFuzzer keeps counters in
 * it. */
static void prepare(const char *plugin)
{
	static bool done;
	int nowhere = done ? -1 : open("/dev/null", O_WRONLY);

	if (plugin && !done)
		dlopen(plugin, RTLD_NOW);
	done = true;
	if (nowhere >= 0) {
		dup2(nowhere, STDOUT_FILENO);
		close(nowhere);
	}
}

void fuzz_begin(struct fuzz *f, const char *only, bool hear)
{
	const char *plugin = getenv("OTO_FUZZ_PLUGIN");
	struct oto_engine_options options = {
		.duplicate_ns = -1, .log.dir = "-", .plugins = &plugin, .nplugins = plugin != NULL, .only_analyzers = only
	};
	struct oto_error err = { "" };
	uint32_t n;

	prepare(plugin);
	*f = (struct fuzz){ .packet.ts_ns = FIRST_NS };
	f->engine = oto_engine_new(&options, &err);
	if (f->engine && hear) {
		struct oto_event_def *const *types = oto_bus_types(f->engine->bus, &n);
		for (uint32_t i = 0; i < n; i++)
			oto_bus_listen(f->engine->bus, types[i], read_event, f);
	}
	if (!f->engine || !oto_engine_start(f->engine, &err)) {
		fprintf(stderr, "fuzz: %s\n", err.text);
		exit(2);
	}
}

/* The frame is copied to memory of its own length, so that a sanitizer sees a read behind its end. */
void fuzz_frame(struct fuzz *f, uint32_t link, struct oto_slice frame, int64_t after_ns)
{
	uint8_t *own = malloc(frame.len ? frame.len : 1);

	if (!own)
		return;
	if (frame.len)
		memcpy(own, frame.data, frame.len);
	f->packet.ts_ns += after_ns;
	f->packet.number++;
	f->packet.data = own;
	f->packet.caplen = f->packet.len = frame.len;
	f->packet.link = link;
	oto_engine_packet(f->engine, &f->packet);
	free(own);
}

void fuzz_end(struct fuzz *f)
{
	struct oto_error err = { "" };

	oto_engine_finish(f->engine, &err);
	oto_engine_free(f->engine);
	oto_buf_free(&f->text);
}

int64_t fuzz_step(unsigned bits)
{
	static const int64_t steps[8] = { 0,          OTO_MS, 100 * OTO_MS, OTO_SECOND, 11 * OTO_SECOND, 70 * OTO_SECOND, 400 * OTO_SECOND,
					  -OTO_SECOND };
	return steps[bits & 7];
}
