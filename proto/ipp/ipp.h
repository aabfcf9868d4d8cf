/* SPDX-License-Identifier: Apache-2.0
 * IPP/1.1 and 2.0 as bytes (RFC 8010): the one request that we send, Get-Printer-Attributes, and a
 * reader that gives the values of an answer one by one. Views into the caller's bytes, no memory of
 * its own, no recursion; lengths are checked before what they measure is touched.
 *
 * Order of calls: ipp_open, then ipp_next until it returns 0 or an error; after an error `error_at`
 * and `why` of the reader say where and what. */
#ifndef PLATEN_IPP_IPP_H
#define PLATEN_IPP_IPP_H

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"

#include <stddef.h>
#include <stdint.h>

/* Delimiters and value tags of RFC 8010 section 3.5 that have a meaning here. */
enum ipp_tag {
	IPP_GROUP_OPERATION = 0x01,
	IPP_END = 0x03,
	IPP_GROUP_PRINTER = 0x04,
	IPP_LAST_DELIMITER = 0x0f,
	IPP_UNSUPPORTED = 0x10, /* out of band: instead of a value */
	IPP_UNKNOWN = 0x12,
	IPP_NO_VALUE = 0x13,
	IPP_LAST_OUT_OF_BAND = 0x1f,
	IPP_INTEGER = 0x21,
	IPP_ENUM = 0x23,
	IPP_OCTETS = 0x30,
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
	/* Below it an answer is one; at and above it is an error status. */
	IPP_FIRST_ERROR_STATUS = 0x0400
};

struct ipp_head {
	uint8_t major, minor;
	uint16_t status; /* of an answer; the operation of a request */
	uint32_t request_id;
};

struct ipp_value {
	uint8_t tag;
	const uint8_t *p;
	size_t len;
};

/* One value, with the names that lead to it. */
struct ipp_item {
	uint8_t group;      /* delimiter tag of its group */
	uint8_t depth;      /* collections around it; 0: it is a value of the attribute itself */
	uint16_t nth;       /* its place among the attribute's values (1setOf); depth 0 only */
	struct text name;   /* of the attribute */
	struct text member; /* of the innermost collection's member, empty at depth 0 */
	struct ipp_value value;
	size_t at; /* offset of its tag */
};

struct ipp_reader {
	const uint8_t *p;
	size_t len;
	size_t at;
	uint8_t group; /* 0 before the first delimiter */
	uint8_t depth;
	bool is_ended;
	uint16_t nth;
	uint32_t attributes;
	uint32_t values;
	struct text name;
	struct text member[LIMIT_IPP_DEPTH + 1]; /* member[d]: the one being read at depth d */
	int error;                               /* 0 as long as all is well */
	size_t error_at;
	const char *why;
};

/* Reads the head. 0, ERR_SHORT, ERR_LIMIT (over LIMIT_IPP_BYTES) or ERR_VERSION (neither 1.x nor
 * 2.x). */
int ipp_open(struct ipp_reader *r, struct ipp_head *head, const uint8_t *p, size_t len) MUST_USE;

/* 1 and the next value (a collection comes as an IPP_BEGIN_COLLECTION without bytes, its members
 * follow one deeper), 0 behind the last one, or ERR_SHORT, ERR_FORMAT, ERR_LIMIT; then the same
 * again. The contents of a value are not judged: the getters below do that. */
int ipp_next(struct ipp_reader *r, struct ipp_item *item) MUST_USE;

/* An integer or enum. 0, ERR_TYPE, or ERR_FORMAT when it is not four bytes long. */
int ipp_integer(const struct ipp_value *v, int32_t *ret) MUST_USE;

/* Any kind of string, without its language. 0, ERR_TYPE, or ERR_FORMAT when the lengths inside do
 * not add up. The bytes are as they came. */
int ipp_text(const struct ipp_value *v, struct text *ret) MUST_USE;

/* Appends Get-Printer-Attributes for the printer at `uri` (ipp://host/ipp/print), with `names` as
 * requested-attributes. No user name goes out. 0, or ERR_FULL, ERR_LIMIT (a name over 255 bytes or
 * a URI over 1023), ERR_VERSION, -ENOMEM, with dst as before. */
struct ipp_request {
	uint8_t major, minor; /* 1.1 or 2.0 */
	uint32_t request_id;  /* from 1 */
	const char *uri;
	const char *const *names;
	size_t name_count; /* at least 1: without names a printer sends all it has */
};
int ipp_put_request(struct buf *dst, const struct ipp_request *q) MUST_USE;

#endif
