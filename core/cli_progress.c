/* cli_progress.c - how far a run is: rate and time left on one line of a terminal, nothing anywhere else. */
#include "cli.h"

#include <time.h>
#include <unistd.h>

#define REDRAW_NS (200 * OTO_MS)

int64_t oto_cli_clock_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * OTO_SECOND + t.tv_nsec;
}

const char *oto_cli_thousands(uint64_t n, char out[32])
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
	char *to = out;
	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = 0;
	return out;
}

void oto_progress_start(struct oto_progress *p, bool quiet)
{
	*p = (struct oto_progress){ .on = !quiet && isatty(STDERR_FILENO), .start_ns = oto_cli_clock_ns() };
}

static bool is_due(struct oto_progress *p, int64_t *now)
{
	if (!p->on)
		return false;
	*now = oto_cli_clock_ns();
	if (*now - p->shown_ns < REDRAW_NS)
		return false;
	p->shown_ns = *now;
	return true;
}

/* ", 12 s left", from the share done so far; nothing while that share is too small to tell. */
static void time_left(char *out, size_t size, double share, int64_t spent_ns)
{
	out[0] = 0;
	if (share > 0.01 && share <= 1)
		snprintf(out, size, ", %.0f s left", (double)spent_ns / (double)OTO_SECOND * (1 - share) / share);
}

void oto_progress_packets(struct oto_progress *p, const struct oto_capture_stats *stats)
{
	int64_t now;
	if (!is_due(p, &now))
		return;
	char packets[32], left[32], share_text[16] = "";
	double spent = (double)(now - p->start_ns) / (double)OTO_SECOND;
	double share = stats->file_bytes ? (double)stats->file_read / (double)stats->file_bytes : 0;
	time_left(left, sizeof left, share, now - p->start_ns);
	if (share > 0)
		snprintf(share_text, sizeof share_text, "%3.0f %%, ", share * 100);
	fprintf(stderr, "\r\033[K%s%s packets, %.0f thousand a second%s", share_text, oto_cli_thousands(stats->packets, packets),
		spent > 0 ? (double)stats->packets / spent / 1000 : 0, left);
	fflush(stderr);
}

void oto_progress_files(struct oto_progress *p, size_t done, size_t all)
{
	int64_t now;
	if (!is_due(p, &now))
		return;
	char left[32];
	time_left(left, sizeof left, all ? (double)done / (double)all : 0, now - p->start_ns);
	fprintf(stderr, "\r\033[K%zu of %zu files%s", done, all, left);
	fflush(stderr);
}

void oto_progress_clear(struct oto_progress *p)
{
	if (!p->on || !p->shown_ns)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
}
