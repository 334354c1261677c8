/* analyzer_key.c - parents by name, keys by value. See analyzer_key.h. */
#include "analyzer_key.h"

#include <errno.h>
#include <stdlib.h>

static const char *const fixed[OTO_PARENTS_FIXED] = { "tcp", "udp", "eth", "llc", "icmp", "icmp6", "ip", "tcp.syn", "stream", "last" };

uint32_t oto_claims_parent(struct oto_claims *c, struct oto_slice name)
{
	for (uint32_t i = 0; i < OTO_PARENTS_FIXED; i++) {
		if (oto_slice_is(name, fixed[i]))
			return i;
	}
	for (uint32_t i = 0; i < c->nparents; i++) {
		if (oto_slice_is(name, c->parents[i]))
			return OTO_PARENTS_FIXED + i;
	}
	c->parents = oto_realloc(c->parents, (c->nparents + 1) * sizeof *c->parents);
	char *copy = oto_calloc(1, name.len + 1u);
	memcpy(copy, name.data, name.len);
	c->parents[c->nparents] = copy;
	return OTO_PARENTS_FIXED + c->nparents++;
}

/* Text keys (a UUID) are folded to 64 bits: a probe decides in the end, so a collision costs one probe. */
static bool key_value(const char *text, bool numeric_only, uint64_t *key)
{
	char *end;

	errno = 0;
	*key = strtoull(text, &end, 0);
	if (*text && !*end && !errno)
		return true;
	*key = oto_text_key(oto_slice_of(text));
	return *text && !numeric_only;
}

/* A transport's numbers end somewhere: ports and EtherTypes with 16 bits, protocols and ICMP types with 8. */
static uint64_t most_of(uint32_t parent)
{
	return parent == OTO_PARENT_ICMP || parent == OTO_PARENT_ICMP6 || parent == OTO_PARENT_IP ? UINT8_MAX : UINT16_MAX;
}

static bool is_transport(uint32_t parent)
{
	return parent < OTO_PARENT_SYN;
}

/* Where claims begin that come behind all of this parent and key; with `before`, where its own begin. */
static uint32_t place_of(const struct oto_claims *c, uint32_t parent, uint64_t key, bool before)
{
	uint32_t from = 0, to = c->n;

	key = is_transport(parent) ? key : 0;
	while (from < to) {
		uint32_t middle = from + (to - from) / 2;
		const struct oto_claim *m = &c->claim[middle];
		uint64_t its = is_transport(m->parent) ? m->key : 0;
		bool less = m->parent != parent ? m->parent < parent : its != key ? its < key : !before;
		if (less)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

struct oto_claims_span oto_claims_at(const struct oto_claims *c, uint32_t transport, uint64_t key)
{
	return (struct oto_claims_span){ c->claim + place_of(c, transport, key, true), c->claim + place_of(c, transport, key, false) };
}

struct oto_claims_span oto_claims_under(const struct oto_claims *c, uint32_t parent)
{
	return (struct oto_claims_span){ c->claim + place_of(c, parent, 0, true), c->claim + place_of(c, parent, UINT64_MAX, false) };
}

const struct oto_claim *oto_claims_add(struct oto_claims *c, struct oto_slice text, struct oto_analyzer_entry *who, struct oto_error *err)
{
	char word[128];

	if (text.len >= sizeof word)
		return oto_fail(err, "key %.*s is too long", (int)text.len, (const char *)text.data), NULL;
	memcpy(word, text.data, text.len);
	word[text.len] = '\0';
	char *slash = strchr(word, '/');
	if (slash)
		*slash = '\0';
	uint32_t parent = oto_claims_parent(c, oto_slice_of(word));
	uint64_t key = 0;
	if (slash && !key_value(slash + 1, is_transport(parent), &key))
		return oto_fail(err, "key %s/%s is not a number", word, slash + 1), NULL;
	if (!slash && is_transport(parent))
		return oto_fail(err, "key %s needs a number, as in %s/502", word, word), NULL;
	if (is_transport(parent) && key > most_of(parent))
		return oto_fail(err, "key %s/%s: the number is above %llu", word, slash + 1, (unsigned long long)most_of(parent)), NULL;
	for (uint32_t i = 0; i < c->n; i++) {
		if (c->claim[i].who == who && c->claim[i].parent == parent && c->claim[i].key == key)
			return oto_fail(err, "key %.*s is declared twice", (int)text.len, (const char *)text.data), NULL;
	}
	c->claim = oto_realloc(c->claim, (c->n + 1) * sizeof *c->claim);
	uint32_t at = place_of(c, parent, key, false);
	memmove(&c->claim[at + 1], &c->claim[at], (c->n++ - at) * sizeof *c->claim);
	c->claim[at] = (struct oto_claim){ parent, key, who };
	return &c->claim[at];
}

void oto_claims_free(struct oto_claims *c)
{
	for (uint32_t i = 0; i < c->nparents; i++)
		free(c->parents[i]);
	free(c->parents);
	free(c->claim);
	*c = (struct oto_claims){ 0 };
}
