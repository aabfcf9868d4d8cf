/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent/checklist.h"

#include "proto/base/str.h"
#include "proto/text/escape.h"
#include "proto/text/json_writer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *check_result_name(enum check_result result)
{
	static const char *const names[] = {
		[CHECK_OK] = "ok", [CHECK_TROUBLE] = "trouble", [CHECK_NOT_TRIED] = "not tried"};
	return names[result];
}

static void show(const struct check_line *line)
{
	struct writer w;
	writer_open_file(&w, stdout);
	writer_printf(&w, "%-9s  %-8s  ", check_result_name(line->result), line->check);
	writer_shown(&w, text_of(line->object));
	writer_str(&w, line->object[0] != '\0' ? ": " : "");
	writer_shown(&w, text_of(line->text));
	if (line->action[0] != '\0') {
		writer_printf(&w, "\n%-9s  %-8s  do: ", "", "");
		writer_shown(&w, text_of(line->action));
	}
	writer_char(&w, '\n');
	(void)!writer_close(&w); /* cli_finish checks stdout */
}

struct check_line *checklist_add(struct checklist *l, const char *check, const char *object,
	enum check_result result, const char *action, const char *fmt, ...)
{
	static struct check_line beyond;
	struct check_line *line = l->count < CHECK_LINES ? &l->lines[l->count++] : &beyond;
	va_list ap;
	*line = (struct check_line){.check = check, .result = result};
	(void)str_copy(line->object, sizeof line->object, object);
	(void)str_copy(line->action, sizeof line->action, action);
	va_start(ap, fmt);
	(void)vsnprintf(line->text, sizeof line->text, fmt, ap);
	va_end(ap);
	l->troubles += result == CHECK_TROUBLE;
	if (l->is_shown)
		show(line);
	return line;
}

void checklist_json(struct writer *w, const struct checklist *l)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct check_line *line = &l->lines[i];
		jw_object(w, NULL);
		jw_str(w, "check", line->check);
		jw_str(w, "object", line->object);
		jw_str(w, "result", check_result_name(line->result));
		jw_str(w, "text", line->text);
		jw_str(w, "action", line->action);
		if (line->protocol != NULL) {
			jw_str(w, "protocol", line->protocol);
			jw_uint(w, "port", line->port);
		}
		jw_end(w);
	}
}
