/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/ipp_message.h"

void message_bytes(struct ipp_message *m, const void *p, size_t n)
{
	assert_true(m->n + n <= sizeof m->bytes);
	if (n > 0)
		memcpy(m->bytes + m->n, p, n);
	m->n += n;
}

void message_u8(struct ipp_message *m, unsigned v)
{
	uint8_t b = (uint8_t)v;
	message_bytes(m, &b, 1);
}

static void message_u16(struct ipp_message *m, size_t v)
{
	message_u8(m, (unsigned)(v >> 8));
	message_u8(m, (unsigned)(v & 0xff));
}

void message_raw(struct ipp_message *m, unsigned tag, const char *name, const void *p, size_t n)
{
	message_u8(m, tag);
	message_u16(m, strlen(name));
	message_bytes(m, name, strlen(name));
	message_u16(m, n);
	message_bytes(m, p, n);
}

void message_text(struct ipp_message *m, unsigned tag, const char *name, const char *text)
{
	message_raw(m, tag, name, text, strlen(text));
}

void message_int(struct ipp_message *m, unsigned tag, const char *name, int32_t v)
{
	uint32_t u = (uint32_t)v;
	uint8_t b[4] = {(uint8_t)(u >> 24), (uint8_t)(u >> 16), (uint8_t)(u >> 8), (uint8_t)u};
	message_raw(m, tag, name, b, sizeof b);
}

void message_english(struct ipp_message *m, unsigned tag, const char *name, const char *text)
{
	uint8_t b[512] = {0, 2, 'e', 'n', 0, (uint8_t)strlen(text)};
	assert_true(strlen(text) < 256);
	memcpy(b + 6, text, strlen(text));
	message_raw(m, tag, name, b, 6 + strlen(text));
}

void message_response(struct ipp_message *m, unsigned status)
{
	m->n = 0;
	message_bytes(m, "\x02\x00", 2);
	message_u16(m, status);
	message_bytes(m, "\x00\x00\x00\x07", 4);
	message_u8(m, IPP_GROUP_OPERATION);
	message_text(m, IPP_CHARSET, "attributes-charset", "utf-8");
	message_text(m, IPP_LANGUAGE, "attributes-natural-language", "en");
	message_u8(m, IPP_GROUP_PRINTER);
}

void message_end(struct ipp_message *m)
{
	message_u8(m, IPP_END);
}
