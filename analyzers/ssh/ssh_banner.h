/* ssh_banner.h - what the version line of an SSH program tells of the host it runs on. */
#ifndef OTO_SSH_BANNER_H
#define OTO_SSH_BANNER_H

#include "oto_plugin.h"

/* The parts of "SSH-2.0-OpenSSH_8.9p1 Ubuntu-3ubuntu0.1" (RFC 4253 4.2). */
struct ssh_banner {
	struct oto_slice version, software, comment;
};

bool ssh_banner_read(struct oto_slice line, struct ssh_banner *b);
/* Facts of the sender: software, operating system, vendor. */
void ssh_tell_banner(struct oto_ctx *cx, const struct ssh_banner *b);

#endif
