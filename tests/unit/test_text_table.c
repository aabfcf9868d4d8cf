/* SPDX-License-Identifier: Apache-2.0
 * Tables as text, CSV and HTML; CSV is read back by a second reader. */
#include "proto/text/table.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = {"name", ">count", "-note"};
static const struct table_head head = {
	.title = "A <fleet>", .note = "made \"today\"", .names = names, .columns = 3};

static char *output;
static size_t output_len;

static void begin(struct table *t, enum table_format format)
{
	struct table_head h = head;
	h.format = format;
	output = NULL;
	FILE *out = open_memstream(&output, &output_len);
	assert_non_null(out);
	table_begin(t, out, &h);
}

/* The result of table_end; `output` is then the whole table. */
static int end(struct table *t)
{
	int err = table_end(t);
	assert_int_equal(fclose(t->w.file), 0);
	return err;
}

static void fill(enum table_format format)
{
	struct table t;
	begin(&t, format);
	table_text(&t, TEXT("<b>\"x\""));
	table_number(&t, UINT64_MAX);
	table_text(&t, TEXT("=1"));
	table_end_row(&t);
	table_text(&t, TEXT(""));
	table_end_row(&t);
	assert_int_equal(t.rows, 2);
	assert_int_equal(end(&t), 0);
}

static void test_csv_is_rfc_4180(void **state)
{
	(void)state;
	fill(TABLE_CSV);
	assert_string_equal(output, "\"name\",\"count\",\"'-note\"\r\n"
				    "\"<b>\"\"x\"\"\",18446744073709551615,\"'=1\"\r\n"
				    "\"\",,\r\n");
	free(output);
}

static void test_html_is_a_whole_page(void **state)
{
	(void)state;
	fill(TABLE_HTML);
	const char *page = output;
	assert_int_equal(strncmp(page, "<!DOCTYPE html>\n<html lang=\"en\">", 32), 0);
	assert_non_null(strstr(page, "default-src 'none'"));
	assert_non_null(strstr(page, "<title>A &lt;fleet&gt;</title>"));
	assert_non_null(strstr(page, "<h1>A &lt;fleet&gt;</h1>\n<p>made &quot;today&quot;</p>"));
	assert_non_null(strstr(page, "<tr><th scope=\"col\">name</th><th scope=\"col\">count</th>"
				     "<th scope=\"col\">-note</th></tr>"));
	assert_non_null(strstr(page, "<tr><td>&lt;b&gt;&quot;x&quot;</td>"
				     "<td class=\"n\">18446744073709551615</td><td>=1</td></tr>\n"
				     "<tr><td></td><td></td><td></td></tr>\n</tbody>"));
	assert_null(strstr(page, "<script"));
	assert_non_null(strstr(page, "</body>\n</html>\n"));
	free(output);
}

static void test_text_is_aligned(void **state)
{
	(void)state;
	fill(TABLE_TEXT);
	assert_string_equal(output, "NAME                   COUNT  -NOTE\n"
				    "<b>\"x\"  18446744073709551615  =1\n"
				    "\n");
	free(output);
}

static void test_text_fits_the_terminal(void **state)
{
	(void)state;
	static const char *const two[] = {"name", "note", ">n"};
	struct table_head h = {.format = TABLE_TEXT, .names = two, .columns = 3};
	for (h.max_width = 22; h.max_width < 62; h.max_width++) {
		struct table t;
		FILE *out = open_memstream(&output, &output_len);
		table_begin(&t, out, &h);
		table_str(&t, "a name of thirty characters xx");
		table_str(&t, "a note of 22 character");
		table_number(&t, 123456);
		table_end_row(&t);
		assert_int_equal(end(&t), 0);
		const char *row = strchr(output, '\n') + 1;
		size_t whole = 30 + 2 + 22 + 2 + 6;
		size_t width = 0;
		for (const char *p = row; *p != '\n'; p++)
			width += (*p & 0xc0) != 0x80;
		assert_int_equal(width, h.max_width < whole ? h.max_width : whole);
		assert_non_null(strstr(row, "123456\n"));
		assert_int_equal(strstr(row, "\xe2\x80\xa6") != NULL, h.max_width < whole);
		free(output);
	}
}

static void test_more_cells_than_columns_is_an_error(void **state)
{
	(void)state;
	for (int f = TABLE_TEXT; f <= TABLE_HTML; f++) {
		struct table t;
		begin(&t, (enum table_format)f);
		for (int i = 0; i < 4; i++)
			table_str(&t, "x");
		table_end_row(&t);
		assert_int_equal(end(&t), ERR_LIMIT);
		free(output);
	}
}

/* Cuts CSV as RFC 4180's grammar says. Returns the number of cells, and of rows in *ret_rows. */
static size_t cut(const uint8_t *p, size_t len, size_t *ret_rows)
{
	size_t cells = 0;
	*ret_rows = 0;
	for (size_t i = 0; i < len;) {
		cells++;
		if (p[i] == '"') {
			i++;
			while (i < len && (p[i] != '"' || (i + 1 < len && p[i + 1] == '"')))
				i += p[i] == '"' ? 2 : 1;
			assert_true(i < len);
			i++;
		} else {
			while (i < len && p[i] != ',' && p[i] != '\r') {
				assert_true(p[i] != '"' && p[i] != '\n');
				i++;
			}
		}
		assert_true(i < len);
		if (p[i] == ',') {
			i++;
			continue;
		}
		assert_true(i + 1 < len && p[i] == '\r' && p[i + 1] == '\n');
		(*ret_rows)++;
		i += 2;
	}
	return cells;
}

static void test_any_bytes_keep_the_shape(void **state)
{
	(void)state;
	static const char pieces[] = "\",\r\n=+-@'<>&;\t a1\xff\xc3\xa9\xe2\x80\xae\0";
	unsigned seed = 1;
	for (int round = 0; round < 6000; round++) {
		enum table_format format = round % 2 == 0 ? TABLE_CSV : TABLE_HTML;
		struct table t;
		uint8_t bytes[40];
		begin(&t, format);
		for (int cell = 0; cell < 6; cell++) {
			size_t n = (size_t)(seed >> 8) % sizeof bytes;
			for (size_t i = 0; i < n; i++) {
				seed = seed * 1103515245u + 12345u;
				bytes[i] = (uint8_t)pieces[(seed >> 16) % (sizeof pieces - 1)];
			}
			table_text(&t, (struct text){(const char *)bytes, n});
			if (cell % 3 == 2)
				table_end_row(&t);
		}
		assert_int_equal(end(&t), 0);
		assert_true(str_is_utf8((const uint8_t *)output, output_len));
		if (format == TABLE_CSV) {
			size_t rows;
			assert_int_equal(cut((const uint8_t *)output, output_len, &rows), 9);
			assert_int_equal(rows, 3);
		} else {
			/* 2 x <tr></tr>, 6 x <td></td>, and 4 end tags of the page. */
			size_t tags = 0;
			for (const char *p = strstr(output, "<tbody>") + 7; *p != '\0'; p++)
				tags += *p == '<';
			assert_int_equal(tags, 2 * 2 + 6 * 2 + 4);
		}
		free(output);
	}
}

static void test_full_disk_is_an_error(void **state)
{
	(void)state;
	for (int f = TABLE_TEXT; f <= TABLE_HTML; f++) {
		struct table_head h = head;
		struct table t;
		FILE *out = fopen("/dev/full", "w");
		assert_non_null(out);
		h.format = (enum table_format)f;
		table_begin(&t, out, &h);
		table_end_row(&t);
		assert_int_equal(table_end(&t), -ENOSPC);
		(void)fclose(out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csv_is_rfc_4180),
		cmocka_unit_test(test_html_is_a_whole_page),
		cmocka_unit_test(test_text_is_aligned),
		cmocka_unit_test(test_text_fits_the_terminal),
		cmocka_unit_test(test_more_cells_than_columns_is_an_error),
		cmocka_unit_test(test_any_bytes_keep_the_shape),
		cmocka_unit_test(test_full_disk_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
