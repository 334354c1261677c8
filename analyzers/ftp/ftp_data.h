/* ftp_data.h - what the control connection and its data connections tell each other: a slot for each announced endpoint.
 *
 * The control connection writes what is to be transferred, the data connection what has come. Both find the slot by the endpoint, among the
 * two hosts; a transfer between two servers is a stranger's to its control connection, and stays without its name.
 */
#ifndef OTO_FTP_DATA_H
#define OTO_FTP_DATA_H

#include "oto_plugin.h"

enum { FTP_CHANNEL_PATH = 512, FTP_SNIFF = 1024 };

struct ftp_channel {
	uint64_t size;       /* bytes seen */
	const char *type;    /* what they are, constant; NULL: none that is known */
	const char *command; /* that asked for them, constant; NULL: not seen */
	bool opened, sniffed, lost;
	uint16_t path_len;
	uint8_t path[FTP_CHANNEL_PATH];
};

static const struct oto_memory ftp_channels = {
	.self_size = sizeof(struct oto_memory),
	.size = sizeof(struct ftp_channel),
	.bound = 4096,
	.scope = OTO_SCOPE_PAIR,
	.name = "ftp_channels",
};

static inline uint64_t ftp_channel_key(const struct oto_addr *host, uint16_t port)
{
	return oto_key_of(port, (struct oto_slice){ host->byte, sizeof host->byte });
}

#endif
