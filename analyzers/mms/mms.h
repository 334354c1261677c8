/* mms.h - what the files of this folder share: the message, the text being made of it, and who reads which part.
 *
 * Clauses: MMS is ISO 9506-2, ACSE ISO/IEC 8650-1 (X.227), presentation ISO/IEC 8823-1 (X.226), session ISO/IEC 8327-1 (X.225).
 */
#ifndef OTO_MMS_H
#define OTO_MMS_H

#include "analyzers/ber.h"
#include "analyzers/content.h"
#include "analyzers/say.h"

/* ------------------------------------------------------------------------------------------------ mms_tables.c */

enum mms_pdu {
	MMS_REQUEST = 0,
	MMS_RESPONSE = 1,
	MMS_ERROR = 2,
	MMS_UNCONFIRMED = 3,
	MMS_REJECT = 4,
	MMS_CANCEL = 5,
	MMS_INITIATE = 8,
	MMS_INITIATE_RESPONSE = 9,
	MMS_INITIATE_ERROR = 10,
	MMS_CONCLUDE = 11,
	MMS_PDUS = 14
};
enum mms_service {
	MMS_STATUS = 0,
	MMS_GET_NAME_LIST = 1,
	MMS_IDENTIFY = 2,
	MMS_RENAME = 3,
	MMS_READ = 4,
	MMS_WRITE = 5,
	MMS_GET_VARIABLE = 6,
	MMS_DEFINE_LIST = 11,
	MMS_GET_LIST = 12,
	MMS_DELETE_LIST = 13,
	MMS_INITIATE_DOWNLOAD = 26,
	MMS_DOWNLOAD_SEGMENT = 27,
	MMS_TERMINATE_DOWNLOAD = 28,
	MMS_INITIATE_UPLOAD = 29,
	MMS_UPLOAD_SEGMENT = 30,
	MMS_TERMINATE_UPLOAD = 31,
	MMS_REQUEST_DOWNLOAD = 32,
	MMS_REQUEST_UPLOAD = 33,
	MMS_LOAD_DOMAIN = 34,
	MMS_STORE_DOMAIN = 35,
	MMS_DELETE_DOMAIN = 36,
	MMS_OBTAIN_FILE = 46,
	MMS_ALARM_SUMMARY = 63,
	MMS_ENROLLMENT_SUMMARY = 64,
	MMS_READ_JOURNAL = 65,
	MMS_DELETE_JOURNAL = 70,
	MMS_FILE_OPEN = 72,
	MMS_FILE_READ = 73,
	MMS_FILE_CLOSE = 74,
	MMS_FILE_RENAME = 75,
	MMS_FILE_DELETE = 76,
	MMS_FILE_DIRECTORY = 77,
	MMS_UNCONFIRMED_BASE = 100, /* information report, unsolicited status, event notification */
	MMS_INFORMATION_REPORT = 100,
	MMS_UNSOLICITED_STATUS = 101,
};
extern const struct oto_names mms_pdus, mms_services, mms_error_classes, mms_access_errors, mms_logical, mms_physical, mms_classes,
    mms_rejects;
/* The word of an error; NULL: none is known. */
const char *mms_error_word(uint32_t error_class, uint32_t code);

/* ------------------------------------------------------------------------------------------------ the message */

struct mms_message {
	uint8_t pdu_type, service, logical_status, physical_status, object_class, error_class, reject_type, reject_reason;
	uint32_t invoke_id, error_code, max_pdu_size, max_calling, max_called, nesting, version, handle, file_position, file_size,
	    number_of_items, failures;
	const char *scope, *error;
	struct oto_slice domain, variables, values, continue_after, vendor, model, revision, file_name, new_file_name, data, parameter_cbb,
	    services_supported;
	struct oto_interval latency;
	bool more_follows, authentication;
	bool has_invoke, has_service, has_status, has_class, has_error, has_reject, has_initiate, has_max_pdu, has_nesting, has_handle,
	    has_position, has_size, has_items, has_data, has_more, is_access_error, matched;
};

/* What a request leaves for its response. */
enum { MMS_NAME = 200, MMS_TEXT = 480 };
struct mms_note {
	uint32_t handle;
	uint8_t service, name_len;
	bool has_handle;
	uint8_t name[MMS_NAME]; /* of what it touches */
};

struct mms_transfer {
	bool open, lost, down;
	const char *kind;
	uint32_t handle;
	struct content content;
	int64_t since_ns;
	uint64_t op_id;
	uint8_t name_len;
	uint8_t name[MMS_NAME];
};
enum { MMS_TRANSFERS = 4 };
struct mms_flow {
	struct mms_transfer transfers[MMS_TRANSFERS];
	uint32_t opened; /* so far: the oldest gives way */
};

struct mms_text {
	uint8_t *at;
	uint32_t len;
};
struct mms_parse {
	struct oto_ctx *cx;
	struct mms_message *m;
	struct mms_text name, value;
};

/* mms_value.c: names of objects and values, as text. */
void mms_put(struct mms_text *t, const char *s);
void mms_put_slice(struct mms_text *t, struct oto_slice s);
struct oto_slice mms_text_end(const struct mms_text *t);
bool mms_text_begin(struct mms_parse *p, struct mms_text *t);
/* ObjectName: "domain/item", "item", "@item" of the association. */
void mms_take_name(struct mms_parse *p, struct oto_cur *c);
/* variableAccessSpecification: a list of names, or the name of a list. */
void mms_take_variables(struct mms_parse *p, struct oto_cur *c);
/* Values or results one after the other, up to the end. */
void mms_take_values(struct mms_parse *p, struct oto_cur *c);
/* A DataAccessError stands among results where a value would. */
void mms_put_failure(struct mms_parse *p, struct oto_slice value);
/* FileName: its parts put together. */
struct oto_slice mms_take_file(struct mms_parse *p, struct oto_cur *c);

/* mms_service.c: what requests and responses carry. */
bool mms_number_of(struct oto_slice s, uint32_t *out);
void mms_take_request(struct mms_parse *p, uint32_t service, struct oto_slice content);
void mms_take_response(struct mms_parse *p, uint32_t service, struct oto_slice content);
void mms_take_unconfirmed(struct mms_parse *p, uint32_t service, struct oto_slice content);

/* mms_transfer.c: files and domains that go over in pieces. */
void mms_transfer_request(struct mms_parse *p, uint64_t op_id);
void mms_transfer_answer(struct mms_parse *p, const struct oto_match *match);
void mms_transfer_gap(struct mms_flow *flow);
void mms_transfer_close(struct oto_ctx *cx);

#endif
