/* SPDX-License-Identifier: Apache-2.0
 * Personal data in texts of printers: each form is replaced, what has another form passes
 * unchanged, and any text stays within its bounds. */
#include "proto/text/personal.h"
#include "tests/counts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *replaced(const char *text)
{
	static char out[PERSONAL_TEXT + 1];
	(void)personal_replace(out, sizeof out, text_of(text), NULL);
	return out;
}

struct sample {
	const char *text;
	const char *clean;
};

static void test_personal_data_are_replaced(void **state)
{
	(void)state;
	static const struct sample samples[] = {
		{"Scan to bob.smith@example.com failed", "Scan to [email] failed"},
		{"<bob@example>", "<[email]>"},
		{"Scan to wang@163.com failed", "Scan to [email] failed"},
		{"to 4711@2.example.org.", "to [email]."},
		{"Call +49 89 1234-567 for service", "Call [phone] for service"},
		{"call 1-800-555-1234", "call [phone]"},
		{"(089) 1234567", "[phone]"},
		{"Fax to: no. 0891234567 failed", "Fax to: no. [phone] failed"},
		{"Fax: 0891234567", "Fax: [phone]"},
		{"tel:004989123456", "tel:[phone]"},
		{"+49.89.1234567", "[phone]"},
		{"user: bob", "user: [user]"},
		{"User: Bob Smith, tray 2", "User: [user], tray 2"},
		{"owner=bob;job=secret", "owner=[user];job=[document]"},
		{"Job owner: \"bob smith\" waits", "Job owner: [user] waits"},
		{"job-originating-user-name = bob", "job-originating-user-name = [user]"},
		{"UserName=CORP\\bob", "UserName=[user]"},
		{"Benutzer: müller", "Benutzer: [user]"},
		{"Printing salaries.xlsx", "Printing [document]"},
		{"Document: secret plan, 3 pages", "Document: [document], 3 pages"},
		{"an jörg.müller@müller.example", "an [email]"},
		{"to bob@10.1.2.3 failed", "to [email] failed"},
		{"to bob@[192.0.2.1] failed", "to [email] failed"},
		{"\"bob smith\"@example.com", "[email]"},
		{"bob\xef\xbc\xa0"
		 "example.com",
			"[email]"},
		{"smb://bob@fs01/scans", "smb://[email]/scans"},
		{"call 555.123.4567 now", "call [phone] now"},
		{"Tel. 089.1234567", "Tel. [phone]"},
		{"Tél: 01 23 45 67 89", "Tél: [phone]"},
		{"{\"user\":\"bob\"}", "{\"user\":[user]}"},
		{"jobOriginatingUserName=bob", "jobOriginatingUserName=[user]"},
		{"ユーザー名\xef\xbc\x9a田中", "ユーザー名\xef\xbc\x9a[user]"},
		{"Login CORP\\bob.smith failed", "Login [user] failed"},
		{"SMB \\\\fs01\\home$\\bob: no access", "SMB [document] no access"},
		{"cannot write /Users/bob/scan", "cannot write /Users/[user]/scan"},
		{"CORP\\nina, corp\\bob", "[user], [user]"},
		{"Held for user bob", "Held for user [user]"},
	};
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		assert_false(personal_is_free(text_of(samples[i].text), NULL));
		assert_string_equal(replaced(samples[i].text), samples[i].clean);
		assert_true(personal_is_free(text_of(samples[i].clean), NULL));
	}
}

static void test_words_of_printers_pass_unchanged(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"FUJI XEROX DocuCentre-III C2200 ;ESS1.120.4,IOT 20.6.0,ADF 20.0.0,FAX 11.20.55",
		"HP ETHERNET MULTI-ENVIRONMENT,SN:CNBKL123456,FN:P1Q2R3S,SVCID:12345,PID:HP M2",
		"Black Cartridge 10 HP CF237X, S/N:CRUM-150312345678", "1.3.6.1.4.1.11.2.3.9.4.2.1",
		"MFG:Xerox;MDL:VersaLink C405;CMD:PCL,PS;", "108R00645", "006-12345-67",
		"3WX123456", "10.1.4.22:161", "00:00:aa:bb:cc:dd", "2026-11-30 12:34:56",
		"User: none", "User intervention required", "Job: 17", "owner: unknown",
		"Tray 2: A4, 520 sheets", "Fax: ready", "Fax 2 lines", "Load A4 (210 x 297)",
		"@PJL INFO", "12,345,678 pages", "Toner 5.5 % :: 200.302", "1200x1200", "555-1234",
		"Paper size 210x297 mm +0.5", "firmware.bin", "http://10.0.0.1/", "V1.23.4567.890",
		"20210304", "Call service: 49.4C02", "59.F0", "E000001-0000", "Tray 1: plain@80gsm",
		"toner@5.5", "v2@1.x", "Replace by user: none", "A4\\A3", "Done.\\nReady",
		"\"value\": \"@PJL \"", "\\1B%-12345X", "\\\\FF\\\\04", "48.12.0.1/24",
		"stopped by user intervention", "Set by user", "on/off", "PCL\\5"};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (!personal_is_free(text_of(texts[i]), NULL))
			fail_msg("%s -> %s", texts[i], replaced(texts[i]));
	}
}

static void test_words_of_the_host_are_replaced_between_letters(void **state)
{
	(void)state;
	static const char list[][64] = {"10.1.2.3", "build-host"};
	const struct personal_words words = {list, 2};
	char out[80];
	(void)personal_replace(
		out, sizeof out, TEXT("from BUILD-HOST at 10.1.2.3, not 10.1.2.34"), &words);
	assert_string_equal(out, "from [host] at [host], not 10.1.2.34");
	assert_true(personal_is_free(TEXT("rebuild-hosts"), &words));
}

/* The longest text of the alphabet that detectors begin at. */
static size_t any_text(char *dst, unsigned *seed)
{
	static const char letters[] = "ab .:=@+()-/0123456789\"'user:job=.pdf\xc3\xa4";
	size_t n = (size_t)rand_r(seed) % (PERSONAL_TEXT + 40);
	for (size_t i = 0; i < n; i++)
		dst[i] = letters[(size_t)rand_r(seed) % (sizeof letters - 1)];
	return n;
}

static void test_any_text_stays_in_bounds_and_planted_data_go(void **state)
{
	(void)state;
	static const char *const planted[] = {
		"canary.user@canary.example", "+49 89 5550 1234", "user: canary7", "c4n4ry.docx"};
	unsigned seed = 12;
	for (int i = 0; i < 2000; i++) {
		char text[PERSONAL_TEXT + 200], out[PERSONAL_TEXT + 1];
		const char *canary = planted[i % 4];
		size_t cap = 1 + (size_t)rand_r(&seed) % PERSONAL_TEXT;
		size_t n = any_text(text, &seed);
		size_t len = personal_replace(out, cap, (struct text){text, n}, NULL);
		assert_true(len < cap);
		assert_int_equal(out[len], '\0');
		assert_true(str_is_utf8((const uint8_t *)out, len));
		n = n < 400 ? n : 400;
		n += (size_t)snprintf(text + n, 100, " | %s | toner low", canary);
		(void)personal_replace(out, sizeof out, (struct text){text, n}, NULL);
		assert_null(strstr(out, i % 4 == 2 ? "canary7" : canary));
		assert_non_null(strstr(out, "toner low"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_personal_data_are_replaced),
		cmocka_unit_test(test_words_of_printers_pass_unchanged),
		cmocka_unit_test(test_words_of_the_host_are_replaced_between_letters),
		cmocka_unit_test(test_any_text_stays_in_bounds_and_planted_data_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
