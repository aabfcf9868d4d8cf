/* SPDX-License-Identifier: Apache-2.0
 * IPP responses built byte by byte. */
#ifndef PLATEN_TESTS_KIT_IPP_MESSAGE_H
#define PLATEN_TESTS_KIT_IPP_MESSAGE_H

#include "proto/ipp/ipp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct ipp_message {
	size_t n;
	uint8_t bytes[65536];
};

void message_bytes(struct ipp_message *m, const void *p, size_t n);
void message_u8(struct ipp_message *m, unsigned v);
void message_raw(struct ipp_message *m, unsigned tag, const char *name, const void *p, size_t n);
void message_text(struct ipp_message *m, unsigned tag, const char *name, const char *text);
void message_int(struct ipp_message *m, unsigned tag, const char *name, int32_t v);
/* textWithLanguage or nameWithLanguage, in English. */
void message_english(struct ipp_message *m, unsigned tag, const char *name, const char *text);
/* The header and the operation attributes; leaves the printer group open. */
void message_response(struct ipp_message *m, unsigned status);
void message_end(struct ipp_message *m);

#endif
