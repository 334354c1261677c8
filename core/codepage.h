/* codepage.h - text of an OEM code page as UTF-8, by iconv. Windows stations announce names and comments in the code page of their country.
 */
#ifndef OTO_CODEPAGE_H
#define OTO_CODEPAGE_H

#include "base.h"

struct oto_code_page;

bool oto_code_page_known(const char *name);
struct oto_code_page *oto_code_page_new(const char *name); /* NULL: iconv does not know it */
void oto_code_page_free(struct oto_code_page *p);
/* Bytes written; 0 when the text is none of this code page, or does not fit. */
uint32_t oto_code_page_decode(struct oto_code_page *p, struct oto_slice text, uint8_t *utf8, uint32_t room);

#endif
