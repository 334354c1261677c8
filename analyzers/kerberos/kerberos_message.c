/* kerberos_message.c - see kerberos_message.h. Clauses are of RFC 4120. */
#include "kerberos_message.h"
#include "../ber.h"

enum { PA_TGS_REQ = 1, PA_ENC_TIMESTAMP = 2, PA_PK_AS_REQ = 16, PA_PK_AS_REP = 17, PA_ENCRYPTED_CHALLENGE = 138 };
enum { ADDRESS_NETBIOS = 20, NETBIOS_NAME = 16 };

static void add(struct kerberos_name *n, struct oto_slice part)
{
	uint32_t room = KRB_NAME_MAX - n->len;
	uint32_t len = part.len < room ? part.len : room;

	if (len)
		memcpy(n->text + n->len, part.data, len);
	n->len += len;
}

/* 5.2.2: a type and a sequence of strings. */
static void read_name(struct oto_cur c, struct kerberos_name *n)
{
	struct oto_cur outer = ber_enter(&c, BER_SEQUENCE);
	struct oto_cur type = ber_enter(&outer, BER_CONTEXT(0)), list = ber_enter(&outer, BER_CONTEXT(1));
	struct oto_cur parts = ber_enter(&list, BER_SEQUENCE);
	struct ber part;

	(void)type;
	n->present = !parts.bad;
	n->len = 0;
	for (bool first = true; ber_next(&parts, &part); first = false) {
		if (!first)
			add(n, oto_slice_of("/"));
		add(n, part.value);
	}
}

static struct oto_slice read_string(struct oto_cur c)
{
	struct ber e;

	return ber_next(&c, &e) ? e.value : (struct oto_slice){ 0 };
}

static bool read_time(struct oto_cur c, struct oto_time *t)
{
	*t = ber_time(&c);
	return !c.bad;
}

/* 5.2.8: bits of at least 32. */
static uint32_t read_options(struct oto_cur c)
{
	struct oto_cur bits = ber_enter(&c, BER_BITS);

	oto_u8(&bits); /* unused bits of the last octet */
	return oto_be32(&bits);
}

/* 5.2.9: the type of encryption, never what is encrypted. */
static int64_t read_cipher(struct oto_cur c)
{
	struct oto_cur data = ber_enter(&c, BER_SEQUENCE), etype = ber_enter(&data, BER_CONTEXT(0));

	return ber_int(&etype);
}

/* 5.3. */
static void read_ticket(struct oto_cur c, struct kerberos_message *m)
{
	struct oto_cur ticket = ber_enter(&c, BER_APPLICATION(1)), outer = ber_enter(&ticket, BER_SEQUENCE);
	struct ber e;

	while (ber_next(&outer, &e)) {
		struct oto_cur in = oto_cur_of(e.value);
		if (e.tag == BER_CONTEXT(1)) {
			m->realm = read_string(in);
		} else if (e.tag == BER_CONTEXT(2)) {
			read_name(in, &m->service);
		} else if (e.tag == BER_CONTEXT(3)) {
			m->cipher = read_cipher(in);
			m->has_cipher = true;
		}
	}
}

/* RFC 4556 3.2.1 and 3.2.3: the first member of either is signed data in implicit octets. */
static struct oto_slice signed_data(struct oto_slice value, bool reply)
{
	struct oto_cur c = oto_cur_of(value);

	if (reply) {
		struct oto_cur info = ber_enter(&c, BER_CONTEXT(0));
		if (ber_at(&info, BER_SEQUENCE))
			info = ber_enter(&info, BER_SEQUENCE);
		return ber_take(&info, BER_CONTEXT_PRIMITIVE(0));
	}
	struct oto_cur request = ber_enter(&c, BER_SEQUENCE);
	return ber_take(&request, BER_CONTEXT_PRIMITIVE(0));
}

/* 5.2.7. */
static void read_padata(struct oto_cur c, struct kerberos_message *m)
{
	struct oto_cur list = ber_enter(&c, BER_SEQUENCE);

	while (oto_left(&list)) {
		struct oto_cur pa = ber_enter(&list, BER_SEQUENCE);
		struct oto_cur type = ber_enter(&pa, BER_CONTEXT(1)), data = ber_enter(&pa, BER_CONTEXT(2));
		int64_t number = ber_int(&type);
		struct oto_slice value = ber_take(&data, BER_OCTETS);
		if (pa.bad || type.bad || data.bad)
			return;
		m->has_preauth = m->has_preauth || number == PA_ENC_TIMESTAMP || number == PA_PK_AS_REQ || number == PA_ENCRYPTED_CHALLENGE;
		if (number == PA_PK_AS_REQ && m->type == KRB_AS_REQ)
			m->client_cms = signed_data(value, false);
		else if (number == PA_PK_AS_REP && m->type == KRB_AS_REP)
			m->server_cms = signed_data(value, true);
	}
}

/* 5.2.5; Windows gives its NetBIOS name, padded to sixteen. */
static void read_addresses(struct oto_cur c, struct kerberos_message *m)
{
	struct oto_cur list = ber_enter(&c, BER_SEQUENCE);

	while (oto_left(&list)) {
		struct oto_cur address = ber_enter(&list, BER_SEQUENCE);
		struct oto_cur type = ber_enter(&address, BER_CONTEXT(0)), data = ber_enter(&address, BER_CONTEXT(1));
		int64_t number = ber_int(&type);
		struct oto_slice value = ber_take(&data, BER_OCTETS);
		if (address.bad || type.bad || data.bad)
			return;
		if (number == ADDRESS_NETBIOS && value.len == NETBIOS_NAME)
			m->netbios = value;
	}
}

static void read_etypes(struct oto_cur c, struct kerberos_message *m)
{
	struct oto_cur list = ber_enter(&c, BER_SEQUENCE);

	while (!list.bad && oto_left(&list) && m->netypes < KRB_ETYPES_MAX) {
		uint32_t etype = (uint32_t)ber_int(&list);
		uint8_t *to = m->etypes[m->netypes];
		for (int i = 0; i < 4; i++)
			to[i] = (uint8_t)(etype >> (24 - 8 * i));
		m->netypes += !list.bad;
	}
}

/* 5.4.1: KDC-REQ-BODY. */
static void read_body(struct oto_cur c, struct kerberos_message *m)
{
	struct oto_cur body = ber_enter(&c, BER_SEQUENCE);
	struct ber e;

	while (ber_next(&body, &e)) {
		struct oto_cur in = oto_cur_of(e.value);
		switch (e.tag) {
		case BER_CONTEXT(0):
			m->options = read_options(in);
			m->has_options = true;
			break;
		case BER_CONTEXT(1):
			read_name(in, &m->client);
			break;
		case BER_CONTEXT(2):
			m->realm = read_string(in);
			break;
		case BER_CONTEXT(3):
			read_name(in, &m->service);
			break;
		case BER_CONTEXT(4):
			m->has_from = read_time(in, &m->from);
			break;
		case BER_CONTEXT(5):
			m->has_till = read_time(in, &m->till);
			break;
		case BER_CONTEXT(6):
			m->has_renew_till = read_time(in, &m->renew_till);
			break;
		case BER_CONTEXT(8):
			read_etypes(in, m);
			break;
		case BER_CONTEXT(9):
			read_addresses(in, m);
			break;
		}
	}
	m->has_error = body.bad || c.bad;
}

static void request_member(struct ber e, struct kerberos_message *m)
{
	if (e.tag == BER_CONTEXT(3))
		read_padata(oto_cur_of(e.value), m);
	else if (e.tag == BER_CONTEXT(4))
		read_body(oto_cur_of(e.value), m);
}

/* 5.4.2. */
static void reply_member(struct ber e, struct kerberos_message *m)
{
	struct oto_cur in = oto_cur_of(e.value);

	if (e.tag == BER_CONTEXT(2))
		read_padata(in, m);
	else if (e.tag == BER_CONTEXT(3))
		m->client_realm = read_string(in);
	else if (e.tag == BER_CONTEXT(4))
		read_name(in, &m->client);
	else if (e.tag == BER_CONTEXT(5))
		read_ticket(in, m);
}

/* 5.9.1. */
static void error_member(struct ber e, struct kerberos_message *m)
{
	struct oto_cur in = oto_cur_of(e.value);

	switch (e.tag) {
	case BER_CONTEXT(4):
		m->has_server_time = read_time(in, &m->server_time);
		break;
	case BER_CONTEXT(6):
		m->error_code = ber_int(&in);
		break;
	case BER_CONTEXT(7):
		m->client_realm = read_string(in);
		break;
	case BER_CONTEXT(8):
		read_name(in, &m->client);
		break;
	case BER_CONTEXT(9):
		m->realm = read_string(in);
		break;
	case BER_CONTEXT(10):
		read_name(in, &m->service);
		break;
	case BER_CONTEXT(11):
		m->error_text = read_string(in);
		m->has_error_text = true;
		break;
	}
}

/* 5.5.1; what authenticates is passed over. */
static void ap_member(struct ber e, struct kerberos_message *m)
{
	if (e.tag == BER_CONTEXT(2)) {
		m->options = read_options(oto_cur_of(e.value));
		m->has_options = true;
	} else if (e.tag == BER_CONTEXT(3)) {
		read_ticket(oto_cur_of(e.value), m);
	}
}

static bool member(struct ber e, struct kerberos_message *m)
{
	switch (m->type) {
	case KRB_AS_REQ:
	case KRB_TGS_REQ:
		request_member(e, m);
		return !m->has_error;
	case KRB_AS_REP:
	case KRB_TGS_REP:
		reply_member(e, m);
		return true;
	case KRB_ERROR:
		error_member(e, m);
		return true;
	case KRB_AP_REQ:
		ap_member(e, m);
		return true;
	default:
		return true;
	}
}

bool kerberos_read(struct oto_cur c, struct kerberos_message *m)
{
	struct ber outer, e;

	memset(m, 0, sizeof *m);
	if (!ber_next(&c, &outer) || (outer.tag & 0xe0) != BER_APPLICATION(0))
		return false;
	m->type = outer.tag & 0x1f;
	struct oto_cur message = oto_cur_of(outer.value), all = ber_enter(&message, BER_SEQUENCE);
	while (ber_next(&all, &e)) {
		if (!member(e, m))
			return false;
	}
	return !all.bad;
}
