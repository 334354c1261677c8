/* capture_file.h - the packets of one capture file: classic pcap in all byte orders and precisions, and pcapng.
 *
 * Both formats are read here and not by libpcap, because libpcap refuses a pcapng file whose interfaces differ in link type, cannot say an
 * interface's name, and copies every packet; here a packet is a view into the window of the source. Knows nothing of other files.
 */
#ifndef OTO_CAPTURE_FILE_H
#define OTO_CAPTURE_FILE_H

#include "capture_source.h"
#include "packet.h"

/* Longest packet that is believed (libpcap's own limit), and longest pcapng block that is read into memory. */
#define OTO_CAPTURE_MAX_PACKET 262144u
#define OTO_CAPTURE_MAX_BLOCK (1u << 20)

/* Interface names, kept once for the life of the capture. */
struct oto_capture_names {
	char *name[256];
	uint32_t n;
};
void oto_capture_names_free(struct oto_capture_names *names);

struct oto_capture_file;

enum oto_capture_file_result {
	OTO_FILE_PACKET,
	OTO_FILE_END,
	OTO_FILE_CUT,     /* ends inside a record; *err says where */
	OTO_FILE_DAMAGED, /* cannot be read on; *err says where and why */
};

/* Takes the source. Fails when it is no capture. */
struct oto_capture_file *oto_capture_file_open(struct oto_source *source, const char *path, struct oto_capture_names *names,
					       struct oto_error *err);
void oto_capture_file_close(struct oto_capture_file *f);
/* Sets all of *p but its number. The bytes are good until the next call. */
enum oto_capture_file_result oto_capture_file_next(struct oto_capture_file *f, struct oto_packet *p, struct oto_error *err);
struct oto_source *oto_capture_file_source(struct oto_capture_file *f);

#endif
