/* SPDX-License-Identifier: Apache-2.0
 * IPP/1.1 and 2.0 encoding (RFC 8010): the one request that we send, Get-Printer-Attributes, and a
 * reader that returns the values of a response one by one. Views into the caller's bytes; no
 * allocation, no recursion; lengths are checked before use.
 *
 * Order of calls: ipp_open, then ipp_next until it returns 0 or an error; after an error,
 * `error_at` and `why` of the reader give the offset and the reason, and ipp_recover moves the
 * reader to the next attribute, if there is one. */
#ifndef PLATEN_IPP_IPP_H
#define PLATEN_IPP_IPP_H

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"

#include <stddef.h>
#include <stdint.h>

/* The delimiters and value tags of RFC 8010 section 3.5 that are used here. */
enum ipp_tag {
	IPP_GROUP_OPERATION = 0x01,
	IPP_END = 0x03,
	IPP_GROUP_PRINTER = 0x04,
	IPP_LAST_DELIMITER = 0x0f,
	IPP_UNSUPPORTED = 0x10, /* out of band: in place of a value */
	IPP_UNKNOWN = 0x12,
	IPP_NO_VALUE = 0x13,
	IPP_LAST_OUT_OF_BAND = 0x1f,
	IPP_INTEGER = 0x21,
	IPP_BOOLEAN = 0x22,
	IPP_ENUM = 0x23,
	IPP_OCTETS = 0x30,
	IPP_DATE = 0x31,
	IPP_RESOLUTION = 0x32,
	IPP_RANGE = 0x33,
	IPP_BEGIN_COLLECTION = 0x34,
	IPP_TEXT_WITH_LANGUAGE = 0x35,
	IPP_NAME_WITH_LANGUAGE = 0x36,
	IPP_END_COLLECTION = 0x37,
	IPP_TEXT = 0x41,
	IPP_NAME = 0x42,
	IPP_KEYWORD = 0x44,
	IPP_URI = 0x45,
	IPP_CHARSET = 0x47,
	IPP_LANGUAGE = 0x48,
	IPP_MEMBER_NAME = 0x4a,
	IPP_LAST_STRING = 0x5f
};

enum {
	IPP_GET_PRINTER_ATTRIBUTES = 0x000b,
	/* Status codes from here on are errors. */
	IPP_FIRST_ERROR_STATUS = 0x0400
};

struct ipp_head {
	uint8_t major, minor;
	uint16_t status; /* of a response; of a request: the operation */
	uint32_t request_id;
};

struct ipp_value {
	uint8_t tag;
	const uint8_t *p;
	size_t len;
};

/* One value, with the names that lead to it. */
struct ipp_item {
	uint8_t group;    /* delimiter tag of its group */
	uint8_t depth;    /* number of enclosing collections; 0: a value of the attribute itself */
	uint16_t nth;     /* index among the attribute's values (1setOf); depth 0 only */
	struct text name; /* of the attribute */
	struct text member; /* of the innermost collection's member; empty at depth 0 */
	struct ipp_value value;
	size_t at; /* offset of its tag */
};

/* How the reader gets behind an error. */
enum ipp_resume {
	IPP_RESUME_NONE,   /* not: a limit, or the message is cut off */
	IPP_RESUME_REREAD, /* at `resume_at`, outside of collections */
	IPP_RESUME_SKIP,   /* behind the values that belong to the same attribute */
	IPP_RESUME_SCAN    /* the lengths are wrong: at the next bytes that encode an attribute */
};

struct ipp_reader {
	const uint8_t *p;
	size_t len;
	size_t at;
	uint8_t group; /* 0 before the first delimiter */
	uint8_t depth;
	bool is_ended;
	bool is_skipping;       /* to the next attribute */
	uint8_t resume;         /* enum ipp_resume, of the error */
	bool has_printer;       /* the printer's group has begun */
	struct text known_name; /* the attribute of the last value that was read */
	struct ipp_value value; /* that value */
	size_t resume_at;       /* offset of the tag at which the error was found */
	size_t scan_from;       /* the next scan begins here or behind it */
	uint16_t nth;
	uint32_t attributes;
	uint32_t values;
	struct text name;
	struct text member[LIMIT_IPP_DEPTH + 1]; /* member[d]: the current one at depth d */
	int error;                               /* 0: none */
	size_t error_at;
	const char *why;
};

/* Reads the header. 0, ERR_SHORT, ERR_LIMIT (over LIMIT_IPP_BYTES) or ERR_VERSION (neither 1.x nor
 * 2.x). */
int ipp_open(struct ipp_reader *r, struct ipp_head *head, const uint8_t *p, size_t len) MUST_USE;

/* 1 and the next value (a collection is returned as an IPP_BEGIN_COLLECTION without bytes, then its
 * members one level deeper), 0 after the last one, or ERR_SHORT, ERR_FORMAT, ERR_LIMIT; from then
 * on the same error. The functions below check the contents of a value. */
int ipp_next(struct ipp_reader *r, struct ipp_item *item) MUST_USE;

/* An attribute, or a part of one, that ipp_recover gave up. */
struct ipp_damage {
	size_t at;          /* offset of the error */
	uint8_t group;      /* delimiter tag of its group */
	const char *why;    /* static */
	struct text name;   /* keyword characters only; empty if the name is lost too */
	struct text before; /* the attribute before it, if `name` may be a part of its value */
	bool is_last_value; /* the value that ipp_next returned last is a part of it: void */
};

/* Continues behind the error that ipp_next returned last: its attribute is given up, from that
 * value on. 1: ipp_next goes on; 0: nothing more can be read, and the error stays. Lengths that are
 * wrong cost their attribute alone as long as the next one can be found. */
int ipp_recover(struct ipp_reader *r, struct ipp_damage *damage) MUST_USE;

/* Whether the bytes can be a value of this tag (RFC 8010 section 3.9): fixed sizes, inner lengths,
 * no NUL inside a string. */
bool ipp_is_sound(const struct ipp_value *v) MUST_USE;

/* Offset of the first attribute whose tag lies in [from, end), as far as its bytes tell: a tag, a
 * keyword as name, a length that fits; r->len: none. */
size_t ipp_find_attribute(const struct ipp_reader *r, size_t from, size_t end) MUST_USE;

/* Whether an attribute without its tag begins behind this one: its tag was changed to `at`'s. */
bool ipp_has_lost_tag(const struct ipp_reader *r, size_t at) MUST_USE;

/* The value of an integer or enum. 0, ERR_TYPE, or ERR_FORMAT if it is not four bytes long. */
int ipp_integer(const struct ipp_value *v, int32_t *ret) MUST_USE;

/* The value of any string type, without its language, unscrubbed. 0, ERR_TYPE, or ERR_FORMAT if the
 * inner lengths are inconsistent. */
int ipp_text(const struct ipp_value *v, struct text *ret) MUST_USE;

/* Appends Get-Printer-Attributes for the printer at `uri` (ipp://host/ipp/print), with `names` as
 * requested-attributes and without a user name. 0, or ERR_FULL, ERR_LIMIT (a name over 255 bytes or
 * a URI over 1023), ERR_VERSION, -ENOMEM, with dst unchanged. */
struct ipp_request {
	uint8_t major, minor; /* 1.1 or 2.0 */
	uint32_t request_id;  /* from 1 */
	const char *uri;
	const char *const *names;
	size_t name_count; /* at least 1: without names a printer sends all of its attributes */
};
int ipp_put_request(struct buf *dst, const struct ipp_request *q) MUST_USE;

#endif
