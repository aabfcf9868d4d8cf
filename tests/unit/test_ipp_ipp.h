/* SPDX-License-Identifier: Apache-2.0
 * IPP answers made byte by byte, for the tests of proto/ipp/ipp and proto/ipp/ipp_reading. */
#ifndef PLATEN_TESTS_UNIT_TEST_IPP_IPP_H
#define PLATEN_TESTS_UNIT_TEST_IPP_IPP_H

#include "proto/ipp/ipp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct made {
	size_t n;
	uint8_t bytes[65536];
};

static inline void made_bytes(struct made *m, const void *p, size_t n)
{
	assert_true(m->n + n <= sizeof m->bytes);
	if (n > 0)
		memcpy(m->bytes + m->n, p, n);
	m->n += n;
}

static inline void made_u8(struct made *m, unsigned v)
{
	uint8_t b = (uint8_t)v;
	made_bytes(m, &b, 1);
}

static inline void made_u16(struct made *m, size_t v)
{
	made_u8(m, (unsigned)(v >> 8));
	made_u8(m, (unsigned)(v & 0xff));
}

static inline void made_raw(struct made *m, unsigned tag, const char *name, const void *p, size_t n)
{
	made_u8(m, tag);
	made_u16(m, strlen(name));
	made_bytes(m, name, strlen(name));
	made_u16(m, n);
	made_bytes(m, p, n);
}

static inline void made_text(struct made *m, unsigned tag, const char *name, const char *text)
{
	made_raw(m, tag, name, text, strlen(text));
}

static inline void made_int(struct made *m, unsigned tag, const char *name, int32_t v)
{
	uint32_t u = (uint32_t)v;
	uint8_t b[4] = {(uint8_t)(u >> 24), (uint8_t)(u >> 16), (uint8_t)(u >> 8), (uint8_t)u};
	made_raw(m, tag, name, b, sizeof b);
}

/* textWithLanguage or nameWithLanguage, in English. */
static inline void made_english(struct made *m, unsigned tag, const char *name, const char *text)
{
	uint8_t b[512] = {0, 2, 'e', 'n', 0, (uint8_t)strlen(text)};
	assert_true(strlen(text) < 256);
	memcpy(b + 6, text, strlen(text));
	made_raw(m, tag, name, b, 6 + strlen(text));
}

/* The head and the operation attributes; the printer group is open behind it. */
static inline void made_answer(struct made *m, unsigned status)
{
	m->n = 0;
	made_bytes(m, "\x02\x00", 2);
	made_u16(m, status);
	made_bytes(m, "\x00\x00\x00\x07", 4);
	made_u8(m, IPP_GROUP_OPERATION);
	made_text(m, IPP_CHARSET, "attributes-charset", "utf-8");
	made_text(m, IPP_LANGUAGE, "attributes-natural-language", "en");
	made_u8(m, IPP_GROUP_PRINTER);
}

static inline void made_end(struct made *m)
{
	made_u8(m, IPP_END);
}

#endif
