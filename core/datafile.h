/* datafile.h - tables that come with the system or the site: fingerprints, vendors, as files of a known name. */
#ifndef OTO_DATAFILE_H
#define OTO_DATAFILE_H

#include "base.h"

/* Appends the whole of dir/name, or of `path` when dir is NULL. False when there is no such file or it is above 64 MiB. */
bool oto_data_read(const char *dir, const char *name, const char *path, struct oto_buf *text);

#endif
