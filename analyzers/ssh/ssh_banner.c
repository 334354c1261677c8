/* ssh_banner.c - see ssh_banner.h. The words are the programs' own: distributions sign their packages in the comment, makers of devices
 * name themselves. Which release an OpenSSH of Ubuntu or Debian belongs to follows from its version. */
#include "ssh_banner.h"

#include "../say.h"

bool ssh_banner_read(struct oto_slice line, struct ssh_banner *b)
{
	struct oto_slice rest = say_from(line, 4);
	uint32_t dash = say_find(rest, '-');

	if (!say_begins(line, "SSH-") || dash == rest.len)
		return false;
	b->version = say_first(rest, dash);
	rest = say_from(rest, dash + 1);
	b->software = say_first(rest, say_find(rest, ' '));
	b->comment = say_trim(say_from(rest, b->software.len + 1));
	return true;
}

/* The release that came with this OpenSSH. */
static const struct {
	const char *software, *ubuntu, *debian;
} releases[] = {
	{ "OpenSSH_5.3p1", "Ubuntu 10.04", NULL }, { "OpenSSH_5.5p1", NULL, "Debian 6" },     { "OpenSSH_5.9p1", "Ubuntu 12.04", NULL },
	{ "OpenSSH_6.0p1", NULL, "Debian 7" },     { "OpenSSH_6.6p1", "Ubuntu 14.04", NULL }, { "OpenSSH_6.6.1p1", "Ubuntu 14.04", NULL },
	{ "OpenSSH_6.7p1", NULL, "Debian 8" },     { "OpenSSH_7.2p2", "Ubuntu 16.04", NULL }, { "OpenSSH_7.4p1", NULL, "Debian 9" },
	{ "OpenSSH_7.6p1", "Ubuntu 18.04", NULL }, { "OpenSSH_7.9p1", NULL, "Debian 10" },    { "OpenSSH_8.2p1", "Ubuntu 20.04", NULL },
	{ "OpenSSH_8.4p1", NULL, "Debian 11" },    { "OpenSSH_8.9p1", "Ubuntu 22.04", NULL }, { "OpenSSH_9.2p1", NULL, "Debian 12" },
	{ "OpenSSH_9.6p1", "Ubuntu 24.04", NULL }, { "OpenSSH_10.0p1", NULL, "Debian 13" },   { "OpenSSH_10.0p2", NULL, "Debian 13" },
};

/* What software or comment begins with. */
static const struct {
	const char *begins, *os, *vendor;
	bool comment;
} marks[] = {
	{ "Ubuntu", "Ubuntu", NULL, true },
	{ "Debian", "Debian", NULL, true },
	{ "Raspbian", "Raspbian", NULL, true },
	{ "FreeBSD", "FreeBSD", NULL, true },
	{ "NetBSD", "NetBSD", NULL, true },
	{ "DragonFly", "DragonFly BSD", NULL, true },
	{ "OpenSSH_for_Windows", "Windows", "Microsoft", false },
	{ "Cisco-", "Cisco IOS", "Cisco", false },
	{ "CISCO_WLC", NULL, "Cisco", false },
	{ "ROSSSH", "RouterOS", "MikroTik", false },
	{ "HUAWEI-", "VRP", "Huawei", false },
	{ "Comware-", "Comware", "H3C", false },
	{ "FortiSSH", "FortiOS", "Fortinet", false },
	{ "NetScreen", "ScreenOS", "Juniper", false },
	{ "mpSSH", NULL, "HPE", false }, /* Integrated Lights-Out */
	{ "ArrayOS", "ArrayOS", "Array Networks", false },
	{ "Sun_SSH", "Solaris", "Oracle", false },
	{ "Serv-U", "Windows", NULL, false },
	{ "WeOnlyDo", "Windows", NULL, false },
	{ "FlowSsh", "Windows", NULL, false }, /* Bitvise */
	{ "PuTTY_", "Windows", NULL, false },
	{ "WinSCP_", "Windows", NULL, false },
};

static void tell_release(struct oto_ctx *cx, struct oto_slice software, const char *os)
{
	bool ubuntu = strcmp(os, "Ubuntu") == 0, debian = strcmp(os, "Debian") == 0;

	for (size_t i = 0; i < sizeof releases / sizeof *releases; i++) {
		const char *release = ubuntu ? releases[i].ubuntu : debian ? releases[i].debian : NULL;
		if (release && say_is(software, releases[i].software)) {
			say_fact(cx, "os", oto_slice_of(release), SAY_STATED);
			return;
		}
	}
	/* PuTTY and the like run elsewhere, too. */
	bool certain = strcmp(os, "Windows") != 0 || say_begins(software, "OpenSSH");
	say_fact(cx, "os", oto_slice_of(os), certain ? SAY_STATED : SAY_HINT);
}

void ssh_tell_banner(struct oto_ctx *cx, const struct ssh_banner *b)
{
	say_fact(cx, "software", b->software, SAY_STATED);
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		if (!say_begins(marks[i].comment ? b->comment : b->software, marks[i].begins))
			continue;
		if (marks[i].os)
			tell_release(cx, b->software, marks[i].os);
		if (marks[i].vendor)
			say_fact(cx, "vendor", oto_slice_of(marks[i].vendor), SAY_INFERRED);
		return;
	}
}
