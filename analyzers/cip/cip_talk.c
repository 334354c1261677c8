/* cip_talk.c - what the objects say, and what a message is about: facts of who answers, memory of the flow, targets of operations (a tag,
 * or class, instance and attribute). Calls nobody of them. */
#include "cip_connection.h"

enum { TARGET_TEXT = 32 };

static uint32_t put_number(uint8_t *out, uint32_t n, uint32_t base)
{
	uint8_t reversed[10];
	uint32_t len = 0, at = 0;

	do
		reversed[len++] = (uint8_t) "0123456789abcdef"[n % base];
	while (n /= base);
	while (len)
		out[at++] = reversed[--len];
	return at;
}

/* "Identity:1", "Identity:1/5"; a class without a name is "class:0x8e/1". */
static struct oto_target object_target(struct oto_ctx *cx, const struct cip_path *path, const struct cip_object *object)
{
	const char *word = object && object->name ? object->name : cip_word(&cip_classes, path->class_id);
	struct oto_target target = { .space = word ? word : "class", .first = path->instance_id, .count = path->has_instance };

	if (word && !path->has_attribute)
		return target;
	uint8_t *text = oto_scratch(cx, TARGET_TEXT + 2);
	if (!text)
		return target;
	uint32_t len = 0;
	if (!word) {
		text[len++] = '0';
		text[len++] = 'x';
		len += put_number(text + len, path->class_id, 16);
		text[len++] = '/';
	}
	len += put_number(text + len, path->instance_id, 10);
	if (path->has_attribute) {
		text[len++] = '/';
		len += put_number(text + len, path->attribute_id, 10);
	}
	target.name = (struct oto_slice){ text, len };
	return target;
}

struct oto_target cip_target_of(struct oto_ctx *cx, const struct cip_path *path, const struct cip_object *object)
{
	if (path->symbol.len)
		return (struct oto_target){ .space = "tag", .name = path->symbol };
	if (path->has_class)
		return object_target(cx, path, object);
	return (struct oto_target){ 0 };
}

enum { INFERRED = 50 };

void cip_fact(struct cip_talk *t, const char *key, struct oto_slice value, uint8_t confidence)
{
	struct oto_fact f = { .self_size = sizeof f,
			      .key = key,
			      .value = value,
			      .confidence = t->astray && confidence > INFERRED ? INFERRED : confidence,
			      .whose = t->response ? OTO_SENDER : OTO_RECEIVER,
			      .sub = cip_borrow(t->cx, t->m->route) };

	oto_fact(t->cx, &f);
}

void *cip_flow_object(struct oto_ctx *cx)
{
	struct cip_flow *flow = cx->state;

	return flow->object;
}
