/* s7comm_plus_text.c - writes the names of objects, attributes and variables: "CPUexecUnit.OperatingStateREQ", "DB7.9.3". */
#include "s7comm_plus.h"

/* What a number in a key is. */
enum { NUMBER = 1, OBJECT, ATTRIBUTE, TEXT };

static void put(struct s7p_text *t, const char *s)
{
	while (*s && t->len < t->size)
		t->at[t->len++] = *s++;
}

/* A key has only that there is a text: none stands where another one could. */
void s7p_text_str(struct s7p_text *t, const char *s)
{
	t->key = oto_key_mix(t->key, 0, TEXT);
	put(t, s);
}

static void number(struct s7p_text *t, uint32_t n, uint32_t base)
{
	char digits[12];
	int len = 0;

	do {
		digits[len++] = "0123456789abcdef"[n % base];
		n /= base;
	} while (n);
	while (len && t->len < t->size)
		t->at[t->len++] = digits[--len];
}

void s7p_text_number(struct s7p_text *t, uint32_t n)
{
	t->key = oto_key_mix(t->key, n, NUMBER);
	if (t->at)
		number(t, n, 10);
}

/* A block by kind and number, a native object by name, another by its identifier. */
void s7p_text_object(struct s7p_text *t, uint32_t object)
{
	t->key = oto_key_mix(t->key, object, OBJECT);
	if (!t->at)
		return;
	const char *block = s7p_block_of_object(object);
	const struct oto_name *row = block ? NULL : oto_name_of(&s7p_objects, object);

	if (block) {
		put(t, block);
		number(t, object & 0xffff, 10);
	} else if (row) {
		put(t, row->name);
	} else {
		put(t, "0x");
		number(t, object, 16);
	}
}

void s7p_text_attribute(struct s7p_text *t, uint32_t attribute)
{
	t->key = oto_key_mix(t->key, attribute, ATTRIBUTE);
	if (!t->at)
		return;
	const struct oto_name *row = oto_name_of(&s7p_attributes, attribute);

	put(t, ".");
	if (!row) {
		number(t, attribute, 10);
		return;
	}
	const char *dot = strchr(row->name, '.'); /* the class in front says what the object says */
	put(t, dot ? dot + 1 : row->name);
}
