/* doc_facts.h - the page of what is known of devices: the keys of asset.fact, and who says each in golden captures. */
#ifndef OTO_DOC_FACTS_H
#define OTO_DOC_FACTS_H

#include "doc_page.h"

/* All keys, or ONLY this one; false when there is none. SOURCE: the folder with analyzers/, whose goldens tell who says what. */
bool oto_doc_facts(struct oto_page *p, const char *source, const char *only);

/* Calls SEEN for each row of the goldens' asset_fact.log; texts are borrowed until it returns. */
void oto_doc_facts_said(const char *source, void (*seen)(void *who, const char *key, const char *by, uint32_t confidence), void *who);

#endif
