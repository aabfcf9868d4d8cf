/* SPDX-License-Identifier: Apache-2.0
 * Recordings of all six formats with the deviations of real ones: on inputs made here, and on every
 * file of ../shared/printers/recordings if that folder exists. */
#include "proto/recording/recording.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct recording w;
static char why[LIMIT_WHY];

static int parse_bytes(enum recording_format format, const char *text, size_t len)
{
	recording_close(&w);
	return recording_parse(&w, format, RECORDING_KEEP_FIRST, text, len, why);
}

static void parse(enum recording_format format, const char *text)
{
	int err = parse_bytes(format, text, strlen(text));
	if (err < 0)
		fail_msg("%s", why);
}

static void refuses(enum recording_format format, const char *text, int err, const char *reason)
{
	assert_int_equal(parse_bytes(format, text, strlen(text)), err);
	assert_string_equal(why, reason);
	assert_null(w.rows);
	assert_int_equal(w.count, 0);
}

static const struct varbind *row(const char *name)
{
	struct oid o;
	uint8_t ber[LIMIT_OID_SUBIDS * 5];
	assert_int_equal(oid_from_text(&o, name), 0);
	int n = oid_encode(ber, sizeof ber, &o);
	assert_true(n > 0);
	return recording_find(&w, (struct oid_ber){ber, (size_t)n});
}

static void has_number(const char *name, uint8_t type, int64_t expected)
{
	const struct varbind *vb = row(name);
	int64_t v = 0;
	assert_non_null(vb);
	assert_int_equal(vb->type, type);
	if (type == BER_INTEGER) {
		assert_int_equal(varbind_integer(vb, &v), 0);
	} else {
		uint64_t u = 0;
		assert_int_equal(varbind_unsigned(vb, &u), 0);
		v = (int64_t)u;
	}
	assert_int_equal(v, expected);
}

static void has_bytes(const char *name, uint8_t type, const void *expected, size_t len)
{
	const struct varbind *vb = row(name);
	assert_non_null(vb);
	assert_int_equal(vb->type, type);
	assert_int_equal(vb->len, len);
	if (len > 0)
		assert_memory_equal(vb->value, expected, len);
}

static void has_text(const char *name, const char *expected)
{
	has_bytes(name, BER_OCTETS, expected, strlen(expected));
}

static void has_oid(const char *name, const char *expected)
{
	const struct varbind *vb = row(name);
	struct oid o;
	char text[256];
	assert_non_null(vb);
	assert_int_equal(vb->type, BER_OID);
	assert_int_equal(oid_decode(&o, (struct oid_ber){vb->value, vb->len}), 0);
	oid_to_text(text, sizeof text, &o);
	assert_string_equal(text, expected);
}

static void test_format_by_file_name(void **state)
{
	(void)state;
	assert_int_equal(recording_format_of("a.snmprec"), RECORDING_SNMPREC);
	assert_int_equal(recording_format_of("dir/a.b.snmpwalk"), RECORDING_SNMPWALK);
	assert_int_equal(recording_format_of("a.pdus.json"), RECORDING_PDUS);
	assert_int_equal(recording_format_of("a.oidvalue.json"), RECORDING_OIDVALUE);
	assert_int_equal(recording_format_of("a.oidmap.json"), RECORDING_OIDMAP);
	assert_int_equal(recording_format_of("a.valueoid.txt"), RECORDING_VALUEOID);
	assert_int_equal(recording_format_of(".snmprec"), ERR_FORMAT);
	assert_int_equal(recording_format_of("a.ipp"), ERR_FORMAT);
}

static void test_snmprec_tags(void **state)
{
	(void)state;
	parse(RECORDING_SNMPREC, "1.3.6.1.2.1.1.1.0|4|a|b c\n"
				 "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.253\n"
				 "1.3.6.1.2.1.1.3.0|67|4294967295\r\n"
				 "1.3.6.1.2.1.2.2.1.6.1|4x|00AaFf\n"
				 "\n"
				 "# a remark\n"
				 "1.3.6.1.2.1.4.20.1.1.1|64|10.1.2.3\n"
				 "1.3.6.1.2.1.4.20.1.1.2|64x|0A010204\n"
				 "1.3.6.1.9.1.0|2|-3\n"
				 "1.3.6.1.9.2.0|5|\n"
				 "1.3.6.1.9.3.0|65|0\n"
				 "1.3.6.1.9.4.0|66|128\n"
				 "1.3.6.1.9.5.0|70|18446744073709551615\n"
				 "1.3.6.1.9.6.0|4|\n"
				 "1.3.6.1.9.7.0|4e|a\\nb\\x41\\\\\\q\n"
				 "1.3.6.1.9.8.0|2:random|min=1\n"
				 "1.3.6.1.9.9.0|2|-2147483648");
	assert_int_equal(w.count, 14);
	assert_int_equal(w.skipped, 1);
	has_text("1.3.6.1.2.1.1.1.0", "a|b c");
	has_oid("1.3.6.1.2.1.1.2.0", "1.3.6.1.4.1.253");
	has_number("1.3.6.1.2.1.1.3.0", BER_TIMETICKS, 4294967295);
	has_bytes("1.3.6.1.2.1.2.2.1.6.1", BER_OCTETS, "\x00\xaa\xff", 3);
	has_bytes("1.3.6.1.2.1.4.20.1.1.1", BER_IPADDRESS, "\x0a\x01\x02\x03", 4);
	has_bytes("1.3.6.1.2.1.4.20.1.1.2", BER_IPADDRESS, "\x0a\x01\x02\x04", 4);
	has_number("1.3.6.1.9.1.0", BER_INTEGER, -3);
	has_bytes("1.3.6.1.9.2.0", BER_NULL, "", 0);
	has_number("1.3.6.1.9.3.0", BER_COUNTER32, 0);
	has_bytes("1.3.6.1.9.4.0", BER_GAUGE32, "\x00\x80", 2);
	has_bytes("1.3.6.1.9.5.0", BER_COUNTER64, "\0\xff\xff\xff\xff\xff\xff\xff\xff", 9);
	has_text("1.3.6.1.9.6.0", "");
	has_text("1.3.6.1.9.7.0", "a\nbA\\\\q");
	has_bytes("1.3.6.1.9.9.0", BER_INTEGER, "\x80\0\0\0", 4);
}

static void test_rows_are_sorted_and_unique(void **state)
{
	(void)state;
	static const char text[] = "1.3.6.1.9.10|2|1\n1.3.6.1.9.9|2|2\n1.3.6.1.9|2|3\n"
				   "1.3.6.1.9.10|2|4\n1.3.6.1.9.200|2|5\n1.3.6.1.9.130.1|2|6\n";
	parse(RECORDING_SNMPREC, text);
	assert_int_equal(w.count, 5);
	assert_int_equal(w.duplicates, 1);
	for (size_t i = 1; i < w.count; i++)
		assert_true(oid_ber_compare(w.rows[i - 1].name, w.rows[i].name) < 0);
	has_number("1.3.6.1.9.10", BER_INTEGER, 1);
	assert_null(row("1.3.6.1.9.11"));
	recording_close(&w);
	assert_int_equal(recording_parse(&w, RECORDING_SNMPREC, RECORDING_KEEP_LAST, text,
				 sizeof text - 1, why),
		0);
	assert_int_equal(w.count, 5);
	has_number("1.3.6.1.9.10", BER_INTEGER, 4);
}

static void test_snmprec_errors_name_line(void **state)
{
	(void)state;
	refuses(RECORDING_SNMPREC, "1.3.6|2|1\n1.3.x|2|1\n", ERR_FORMAT,
		"line 2: an object identifier is required before the first |");
	refuses(RECORDING_SNMPREC, "1.3.6|99|1\n", ERR_FORMAT, "line 1: unknown tag");
	refuses(RECORDING_SNMPREC, "1.3.6|2x|1\n", ERR_FORMAT, "line 1: unknown tag");
	refuses(RECORDING_SNMPREC, "1.3.6|2|one\n", ERR_FORMAT,
		"line 1: the value is not of its type");
	refuses(RECORDING_SNMPREC, "1.3.6|2|\n", ERR_FORMAT,
		"line 1: the value is not of its type");
	refuses(RECORDING_SNMPREC, "1.3.6|2|2147483648\n", ERR_RANGE,
		"line 1: a number outside of its type's range");
	refuses(RECORDING_SNMPREC, "1.3.6|65|-1\n", ERR_RANGE,
		"line 1: a number outside of its type's range");
	refuses(RECORDING_SNMPREC, "1.3.6|70|18446744073709551616\n", ERR_RANGE,
		"line 1: a number outside of its type's range");
	refuses(RECORDING_SNMPREC, "1.3.6|64|1.2.3.256\n", ERR_RANGE,
		"line 1: a number outside of its type's range");
	refuses(RECORDING_SNMPREC, "1.3.6|64|1.2.3\n", ERR_FORMAT,
		"line 1: the value is not of its type");
	refuses(RECORDING_SNMPREC, "1.3.6|64x|0a0b0c\n", ERR_FORMAT,
		"line 1: wrong hexadecimal digits");
	refuses(RECORDING_SNMPREC, "1.3.6|4x|0a0\n", ERR_FORMAT,
		"line 1: wrong hexadecimal digits");
	refuses(RECORDING_SNMPREC, "1.3.6|5|x\n", ERR_FORMAT,
		"line 1: the value is not of its type");
	refuses(RECORDING_SNMPREC, "3.3.6|2|1\n", ERR_RANGE,
		"line 1: a name that cannot be encoded");
}

static void test_snmpwalk_types_and_names(void **state)
{
	(void)state;
	parse(RECORDING_SNMPWALK,
		"snmpwalk -v2c -c public 10.0.0.1\n"
		"SNMPv2-MIB::sysDescr.0 = STRING: A printer\n"
		".1.3.6.1.2.1.1.2.0 = OID: SNMPv2-SMI::enterprises.11.2.3.9.1\n"
		"DISMAN-EVENT-MIB::sysUpTimeInstance = Timeticks: (302910441) 35 days, 1:25:04.41\n"
		"iso.3.6.1.2.1.1.5.0 = \"\"\n"
		"iso.3.6.1.2.1.1.6.0 = STRING: \"two\n"
		"\n"
		"lines \\\"quoted\\\"\"\n"
		"IF-MIB::ifOperStatus.1 = INTEGER: up(1)\n"
		"SNMPv2-SMI::mib-2.4.20.1.1.1 = IpAddress: 10.0.0.1\n"
		"SNMPv2-SMI::mib-2.4.20.1.3.1 = Network Address: FF:FF:FF:00\n"
		"SNMPv2-SMI::mib-2.25.3.2.1.2.1 = OID: HOST-RESOURCES-TYPES::hrDevicePrinter\n"
		"SNMPv2-SMI::mib-2.25.3.2.1.2.2 = OID: UNKNOWN-MIB::nothingKnown\n"
		"SNMPv2-SMI::mib-2.25.3.5.1.2.1 = Hex-STRING: 20 04 \n"
		"SNMPv2-SMI::mib-2.43.1.0 = Gauge32: 7\n"
		"SNMPv2-SMI::mib-2.43.2.0 = Counter64: 12345678901\n"
		"SNMPv2-SMI::mib-2.43.3.0 = Wrong Type (should be INTEGER): Gauge32: 9\n"
		"SNMPv2-SMI::mib-2.43.4.0 = No Such Object available on this agent at this OID\n"
		"SNMPv2-SMI::mib-2.43.5.0 = NULL\n"
		"SNMPv2-SMI::mib-2.43.6.0 = STRING: \n"
		"SNMPv2-SMI::mib-2.43.7.0 = BITS: 80 00 lowPaper(0)\n"
		"SNMPv2-SMI::mib-2.43.8.0 = \n"
		"SNMPv2-SMI::mib-2.43.9.0 = INTEGER: -2\n"
		"NOT-A-MIB::thing.0 = INTEGER: 1\n"
		"End of MIB\n");
	has_text("1.3.6.1.2.1.1.1.0", "A printer");
	has_oid("1.3.6.1.2.1.1.2.0", "1.3.6.1.4.1.11.2.3.9.1");
	has_number("1.3.6.1.2.1.1.3.0", BER_TIMETICKS, 302910441);
	has_text("1.3.6.1.2.1.1.5.0", "");
	has_text("1.3.6.1.2.1.1.6.0", "two\n\nlines \"quoted\"");
	has_number("1.3.6.1.2.1.2.2.1.8.1", BER_INTEGER, 1);
	has_bytes("1.3.6.1.2.1.4.20.1.1.1", BER_IPADDRESS, "\x0a\0\0\x01", 4);
	has_bytes("1.3.6.1.2.1.4.20.1.3.1", BER_IPADDRESS, "\xff\xff\xff\0", 4);
	has_oid("1.3.6.1.2.1.25.3.2.1.2.1", "1.3.6.1.2.1.25.3.1.5");
	has_bytes("1.3.6.1.2.1.25.3.5.1.2.1", BER_OCTETS, "\x20\x04", 2);
	has_number("1.3.6.1.2.1.43.1.0", BER_GAUGE32, 7);
	has_number("1.3.6.1.2.1.43.2.0", BER_COUNTER64, 12345678901);
	has_number("1.3.6.1.2.1.43.3.0", BER_GAUGE32, 9);
	assert_null(row("1.3.6.1.2.1.43.4.0"));
	has_bytes("1.3.6.1.2.1.43.5.0", BER_NULL, "", 0);
	has_text("1.3.6.1.2.1.43.6.0", "");
	has_bytes("1.3.6.1.2.1.43.7.0", BER_OCTETS, "\x80\0", 2);
	has_number("1.3.6.1.2.1.43.9.0", BER_INTEGER, -2);
	/* The command, two OIDs and one unknown name, two without a value, the end. */
	assert_int_equal(w.skipped, 6);
	assert_int_equal(w.count, 17);
}

static void test_snmpwalk_after_manual_edits(void **state)
{
	(void)state;
	parse(RECORDING_SNMPWALK,
		"CONTATORI\nImpressioni\t6\n\n"
		"SNMPv2-SMI::enterprises.641.4.1 = Counter32: 105 TOT\n"
		"SNMPv2-SMI::enterprises.641.4.2 = INTEGER: 7000 BLKR\n"
		"SNMPv2-SMI::enterprises.641.4.3 = STRING: UTF-8\nASCII\nBIG5\n"
		"SNMPv2-SMI::enterprises.641.4.4 = STRING: Internet Fax Impressions\n"
		" \nCOMSUMABILI \nToner nero\tOK\t\n  30%\n"
		"SNMPv2-SMI::enterprises.641.4.5 = STRING: last\nCONTATORI 7\n"
		"SNMPv2-SMI::enterprises.641.4.6 = Hex-STRING: 41 42 43 44 45 46 47 "
		"48 49 4A 4B 4C 4D "
		"4E 4F 50 \n51 52 \n"
		"SNMPv2-SMI::enterprises.641.4.7 = Hex-STRING: 41 BLKR\n"
		"SNMPv2-SMI::enterprises.641.4.8 = STRING: \"never closed\n"
		"SNMPv2-SMI::enterprises.641.4.9 = STRING: \"closed\" TOT\n");
	has_number("1.3.6.1.4.1.641.4.1", BER_COUNTER32, 105);
	has_number("1.3.6.1.4.1.641.4.2", BER_INTEGER, 7000);
	has_text("1.3.6.1.4.1.641.4.3", "UTF-8\nASCII\nBIG5");
	has_text("1.3.6.1.4.1.641.4.4", "Internet Fax Impressions");
	has_text("1.3.6.1.4.1.641.4.5", "last");
	has_text("1.3.6.1.4.1.641.4.6", "ABCDEFGHIJKLMNOPQR");
	has_text("1.3.6.1.4.1.641.4.7", "A");
	has_text("1.3.6.1.4.1.641.4.8", "never closed");
	has_text("1.3.6.1.4.1.641.4.9", "closed");
	assert_int_equal(w.count, 9);
}

static void test_snmpwalk_errors_name_line(void **state)
{
	(void)state;
	refuses(RECORDING_SNMPWALK, "\n.1.3.6.1 = INTEGER: many\n", ERR_FORMAT,
		"line 2: the value is not of its type");
	refuses(RECORDING_SNMPWALK, ".1.3.6.1 = Gauge32: 4294967296\n", ERR_RANGE,
		"line 1: a number outside of its type's range");
	refuses(RECORDING_SNMPWALK, ".1.3.6.1 = Network Address: 0A:00\n", ERR_FORMAT,
		"line 1: an address has four bytes");
}

static void test_pdus_types(void **state)
{
	(void)state;
	parse(RECORDING_PDUS,
		"[{\"oid\":\"1.3.6.1.2.1.1.1.0\",\"type\":\"OctetString\",\"value\":\"?\",\"hex_"
		"value\":\"41ff\"},"
		"{\"oid\":\".1.3.6.1.2.1.1.5.0\",\"type\":\"OctetString\",\"value\":\"\"},"
		"{\"oid\":\"1.3.6.1.2.1.1.2.0\",\"type\":\"ObjectIdentifier\",\"value\":\".1.3.6.1."
		"4.1.1248\"},"
		"{\"oid\":\"1.3.6.1.2.1.1.3.0\",\"type\":\"TimeTicks\",\"value\":\"366052940\"},"
		"{\"oid\":\"1.3.6.1.2.1.1.7.0\",\"type\":\"Integer\",\"value\":\"-1\"},"
		"{\"oid\":\"1.3.6.1.9.1\",\"type\":\"IPAddress\",\"value\":\"1.2.3.4\"},"
		"{\"oid\":\"1.3.6.1.9.2\",\"type\":\"Gauge32\",\"value\":\"5\"},"
		"{\"oid\":\"1.3.6.1.9.3\",\"type\":\"NoSuchObject\",\"value\":\"\"},"
		"{\"oid\":\"1.3.6.1.9.2\",\"type\":\"Gauge32\",\"value\":\"6\"}]");
	assert_int_equal(w.count, 7);
	assert_int_equal(w.duplicates, 1);
	assert_int_equal(w.skipped, 1);
	has_bytes("1.3.6.1.2.1.1.1.0", BER_OCTETS, "A\xff", 2);
	has_text("1.3.6.1.2.1.1.5.0", "");
	has_oid("1.3.6.1.2.1.1.2.0", "1.3.6.1.4.1.1248");
	has_number("1.3.6.1.2.1.1.3.0", BER_TIMETICKS, 366052940);
	has_number("1.3.6.1.2.1.1.7.0", BER_INTEGER, -1);
	has_bytes("1.3.6.1.9.1", BER_IPADDRESS, "\x01\x02\x03\x04", 4);
	has_number("1.3.6.1.9.2", BER_GAUGE32, 5);
	refuses(RECORDING_PDUS, "{}", ERR_FORMAT, "entry 0: a list is required");
	refuses(RECORDING_PDUS, "[{\"oid\":\"1.3\"}]", ERR_FORMAT,
		"entry 0: type and value: text is required");
	refuses(RECORDING_PDUS, "[{\"oid\":7}]", ERR_FORMAT,
		"entry 0: oid: an object identifier is required");
	refuses(RECORDING_PDUS, "[{\"oid\":\"1.3\",\"type\":\"Null\"},7]", ERR_FORMAT,
		"entry 1: oid: an object identifier is required");
	refuses(RECORDING_PDUS, "[{\"oid\":\"1.3\",\"type\":\"OctetString\",\"hex_value\":\"4\"}]",
		ERR_FORMAT, "entry 0: hex_value: wrong digits, or too long");
}

static void test_types_from_mib_columns(void **state)
{
	(void)state;
	parse(RECORDING_OIDVALUE,
		"[{\"oid\":\"1.3.6.1.2.1.1.1.0\",\"value\":\"4711\"},"
		"{\"oid\":\"1.3.6.1.2.1.1.2.0\",\"value\":\"1.3.6.1.4.1.641.6\"},"
		"{\"oid\":\"1.3.6.1.2.1.1.3.0\",\"value\":\"47387\"},"
		"{\"oid\":\"1.3.6.1.2.1.1.4.0\",\"value\":null},"
		"{\"oid\":\"1.3.6.1.2.1.2.2.1.6.1\",\"value\":\"aa:bb:cc:00:11:22\"},"
		"{\"oid\":\"1.3.6.1.2.1.2.2.1.6.2\",\"value\":\"\\ufffd\\u0000\"},"
		"{\"oid\":\"1.3.6.1.2.1.4.20.1.1.1\",\"value\":\"10.0.0.9\"},"
		"{\"oid\":\"1.3.6.1.2.1.43.5.1.1.17.1\",\"value\":\"000000000\"},"
		"{\"oid\":\"1.3.6.1.2.1.43.10.2.1.4.1.1\",\"value\":4939},"
		"{\"oid\":\"1.3.6.1.2.1.43.11.1.1.9.1.1\",\"value\":\"-3\"},"
		"{\"oid\":\"1.3.6.1.2.1.31.1.1.1.6.1\",\"value\":\"99999999999\"},"
		"{\"oid\":\"1.3.6.1.4.1.253.1\",\"value\":\"3913850890\"},"
		"{\"oid\":\"1.3.6.1.4.1.253.2\",\"value\":\"007\"},"
		"{\"oid\":\"1.3.6.1.4.1.253.3\",\"value\":\"12 pages\"},"
		"{\"oid\":\"1.3.6.1.4.1.253.4\",\"value\":\"99999999999999999999\"},"
		"{\"oid\":\"1.3.6.1.2.1.1.8.0\",\"value\":\"soon\"}]");
	has_text("1.3.6.1.2.1.1.1.0", "4711");
	has_oid("1.3.6.1.2.1.1.2.0", "1.3.6.1.4.1.641.6");
	has_number("1.3.6.1.2.1.1.3.0", BER_TIMETICKS, 47387);
	assert_null(row("1.3.6.1.2.1.1.4.0"));
	has_bytes("1.3.6.1.2.1.2.2.1.6.1", BER_OCTETS, "\xaa\xbb\xcc\x00\x11\x22", 6);
	has_bytes("1.3.6.1.2.1.2.2.1.6.2", BER_OCTETS, "\xef\xbf\xbd\0", 4);
	has_bytes("1.3.6.1.2.1.4.20.1.1.1", BER_IPADDRESS, "\x0a\0\0\x09", 4);
	has_text("1.3.6.1.2.1.43.5.1.1.17.1", "000000000");
	has_number("1.3.6.1.2.1.43.10.2.1.4.1.1", BER_COUNTER32, 4939);
	has_number("1.3.6.1.2.1.43.11.1.1.9.1.1", BER_INTEGER, -3);
	has_number("1.3.6.1.2.1.31.1.1.1.6.1", BER_COUNTER64, 99999999999);
	has_number("1.3.6.1.4.1.253.1", BER_GAUGE32, 3913850890);
	has_text("1.3.6.1.4.1.253.2", "007");
	has_text("1.3.6.1.4.1.253.3", "12 pages");
	has_text("1.3.6.1.4.1.253.4", "99999999999999999999");
	has_text("1.3.6.1.2.1.1.8.0", "soon");
	assert_int_equal(w.count, 15);
}

static void test_oidmap_binary_records(void **state)
{
	(void)state;
	parse(RECORDING_OIDMAP, "{\"1.3.6.1.4.1.2435.1\":[\"0001040000134b\",\"02010400000c69\"],"
				"\"1.3.6.1.2.1.1.3.0\":\"7251895\",\"1.3.6.1.4.1.2435.2\":[]}");
	has_bytes("1.3.6.1.4.1.2435.1", BER_OCTETS,
		"\0\x01\x04\0\0\x13\x4b\x02\x01\x04\0\0\x0c\x69\xff", 15);
	has_bytes("1.3.6.1.4.1.2435.2", BER_OCTETS, "\xff", 1);
	has_number("1.3.6.1.2.1.1.3.0", BER_TIMETICKS, 7251895);
	refuses(RECORDING_OIDMAP, "[]", ERR_FORMAT, "entry 0: an object is required");
	refuses(RECORDING_OIDMAP, "{\"1.3.6\":[\"0g\"]}", ERR_FORMAT,
		"entry 0: a record is text of hexadecimal digits");
	refuses(RECORDING_OIDMAP, "{\"1.3.6\":true}", ERR_FORMAT,
		"entry 0: value: text, a number or a list is required");
	assert_int_equal(parse_bytes(RECORDING_OIDMAP, "{\n\"1.3\":", 8), ERR_FORMAT);
	assert_memory_equal(why, "line 2: ", 8);
}

static void test_valueoid_over_lines(void **state)
{
	(void)state;
	static const char text[] = "Cyan: \"x\": \"1.3.6.1.2.1.43.11.1.1.6.1.1\"\n"
				   "\n"
				   "2000: \"1.3.6.1.2.1.43.11.1.1.8.1.1\"\n"
				   ": \"1.3.6.1.2.1.1.4.0\"\n"
				   "a\n\nb\0c: \"1.3.6.1.2.1.1.5.0\"\r\n"
				   "2001: \"1.3.6.1.2.1.43.11.1.1.8.1.1\"";
	assert_int_equal(parse_bytes(RECORDING_VALUEOID, text, sizeof text - 1), 0);
	has_text("1.3.6.1.2.1.43.11.1.1.6.1.1", "Cyan: \"x\"");
	has_number("1.3.6.1.2.1.43.11.1.1.8.1.1", BER_INTEGER, 2000);
	has_text("1.3.6.1.2.1.1.4.0", "");
	has_bytes("1.3.6.1.2.1.1.5.0", BER_OCTETS, "a\n\nb\0c", 6);
	assert_int_equal(w.count, 4);
	assert_int_equal(w.duplicates, 1);
	refuses(RECORDING_VALUEOID, "1: \"1.3\"\nleft over\n", ERR_FORMAT,
		"line 2: the last value has no name");
	refuses(RECORDING_VALUEOID, "1: \"1..3\"\n", ERR_FORMAT,
		"line 1: no object identifier in the quotes");
}

static void test_limits(void **state)
{
	(void)state;
	char *big = malloc(LIMIT_WALK_INPUT + 1u);
	assert_non_null(big);
	memset(big, 'x', LIMIT_WALK_INPUT + 1u);
	assert_int_equal(parse_bytes(RECORDING_SNMPWALK, big, LIMIT_WALK_INPUT + 1u), ERR_LIMIT);
	memcpy(big, "1.3.6|4|", 8);
	assert_int_equal(parse_bytes(RECORDING_SNMPREC, big, LIMIT_WALK_VALUE + 9u), ERR_LIMIT);
	assert_string_equal(why, "line 1: the value is too long");
	size_t at = 0;
	for (int i = 0; i <= LIMIT_WALK_ROWS; i++)
		at += (size_t)sprintf(big + at, "1.3.6|5|\n");
	assert_int_equal(parse_bytes(RECORDING_SNMPREC, big, at), ERR_LIMIT);
	assert_string_equal(why, "line 200001: the recording is too large");
	free(big);
	parse(RECORDING_SNMPREC, "");
	assert_int_equal(w.count, 0);
	recording_close(&w);
	recording_close(&w);
}

/* Varbinds in the file before duplicates are dropped, as INDEX.tsv says; 0: unknown. */
static size_t expected_count(const char *index, const char *name)
{
	const char *line = strstr(index, name);
	for (int tabs = 0; line != NULL && *line != '\n'; line++)
		if (*line == '\t' && ++tabs == 4)
			return (size_t)strtoul(line + 1, NULL, 10);
	return 0;
}

static char *slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	char *bytes = malloc(LIMIT_WALK_INPUT);
	assert_non_null(bytes);
	*len = fread(bytes, 1, LIMIT_WALK_INPUT - 1, f);
	bytes[*len] = '\0';
	fclose(f);
	return bytes;
}

static void test_published_recordings_parse(void **state)
{
	(void)state;
	static const char folder[] = PLATEN_SOURCE_DIR "/../shared/printers";
	char path[1024];
	snprintf(path, sizeof path, "%s/recordings", folder);
	DIR *dir = opendir(path);
	if (dir == NULL) {
		print_message("no ../shared/printers/recordings: skipped\n");
		skip();
	}
	size_t len, files = 0;
	snprintf(path, sizeof path, "%s/INDEX.tsv", folder);
	char *index = slurp(path, &len);
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
		int format = recording_format_of(e->d_name);
		if (format < 0)
			continue;
		snprintf(path, sizeof path, "%s/recordings/%s", folder, e->d_name);
		char *bytes = slurp(path, &len);
		if (parse_bytes((enum recording_format)format, bytes, len) < 0)
			fail_msg("%s: %s", e->d_name, why);
		free(bytes);
		size_t expected = expected_count(index, e->d_name);
		size_t found = w.count + w.duplicates;
		if (expected != 0 && (found > expected || found * 100 < expected * 98))
			fail_msg("%s: %zu + %zu varbinds, %zu expected", e->d_name, w.count,
				w.duplicates, expected);
		files++;
	}
	closedir(dir);
	free(index);
	recording_close(&w);
	assert_int_equal(files, 69);
}

static char reported[8][LIMIT_WHY];
static size_t report_count;

static void report(void *owner, const char *text)
{
	assert_ptr_equal(owner, &w);
	assert_true(report_count < 8);
	(void)str_copy(reported[report_count++], LIMIT_WHY, text);
}

static int parse_lenient(enum recording_format format, const char *text)
{
	recording_close(&w);
	report_count = 0;
	return recording_parse_lenient(
		&w, format, RECORDING_KEEP_FIRST, text, strlen(text), report, &w, why);
}

/* Each input has the text "good" at 1.3.6.1.9.1 and the number 7 at 1.3.6.1.9.3, around damage. */
static void test_damaged_lines_are_skipped_and_reported(void **state)
{
	(void)state;
	static const struct {
		enum recording_format format;
		size_t damaged;
		const char *text, *first;
	} rows[] = {
		{RECORDING_SNMPREC, 4,
			"1.3.6.1.9.1|4|good\n1.3.6.1.9.2|2|x\nnothing\n1.3.6.1.9.5|99|1\n"
			"1.3.6.1.9.3|2|7\n1.3.6.1.9.4|4x|0g",
			"line 2: the value is not of its type"},
		{RECORDING_SNMPWALK, 1,
			".1.3.6.1.9.1 = STRING: good\n.1.3.6.1.9.2 = INTEGER: x\n"
			".1.3.6.1.9.3 = INTEGER: 7\n",
			"line 2: the value is not of its type"},
		{RECORDING_PDUS, 2,
			"[{\"oid\":\"1.3.6.1.9.1\",\"type\":\"OctetString\",\"hex_value\":"
			"\"676f6f64\"},{\"oid\":\"x\"},{\"oid\":\"1.3.6.1.9.2\",\"type\":"
			"\"Integer\",\"value\":\"y\"},{\"oid\":\"1.3.6.1.9.3\",\"type\":"
			"\"Integer\",\"value\":\"7\"}]",
			"entry 1: oid: an object identifier is required"},
		{RECORDING_VALUEOID, 2,
			"good: \"1.3.6.1.9.1\"\nx: \"1\"\n7: \"1.3.6.1.9.3\"\ncut off",
			"line 2: no object identifier in the quotes"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (parse_lenient(rows[i].format, rows[i].text) < 0)
			fail_msg("%s", why);
		assert_int_equal(w.damaged, rows[i].damaged);
		assert_int_equal(report_count, rows[i].damaged);
		assert_string_equal(reported[0], rows[i].first);
		assert_string_equal(why, "");
		assert_int_equal(w.count, 2);
		has_text("1.3.6.1.9.1", "good");
		assert_non_null(row("1.3.6.1.9.3"));
		refuses(rows[i].format, rows[i].text, ERR_FORMAT, rows[i].first);
	}
}

static void test_recording_without_a_good_line_is_refused(void **state)
{
	(void)state;
	assert_int_equal(parse_lenient(RECORDING_SNMPREC, "one\ntwo\n"), ERR_FORMAT);
	assert_string_equal(why, "line 1: an object identifier is required before the first |");
	assert_null(w.rows);
	assert_int_equal(parse_lenient(RECORDING_PDUS, "[{"), ERR_FORMAT);
	assert_int_equal(report_count, 0);
	assert_int_equal(parse_lenient(RECORDING_SNMPREC, "# nothing\n"), 0);
	assert_int_equal(w.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format_by_file_name),
		cmocka_unit_test(test_snmprec_tags),
		cmocka_unit_test(test_rows_are_sorted_and_unique),
		cmocka_unit_test(test_snmprec_errors_name_line),
		cmocka_unit_test(test_snmpwalk_types_and_names),
		cmocka_unit_test(test_snmpwalk_after_manual_edits),
		cmocka_unit_test(test_snmpwalk_errors_name_line),
		cmocka_unit_test(test_pdus_types),
		cmocka_unit_test(test_types_from_mib_columns),
		cmocka_unit_test(test_oidmap_binary_records),
		cmocka_unit_test(test_valueoid_over_lines),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_published_recordings_parse),
		cmocka_unit_test(test_damaged_lines_are_skipped_and_reported),
		cmocka_unit_test(test_recording_without_a_good_line_is_refused),
	};
	int failed = cmocka_run_group_tests_name("proto/recording/walk", tests, NULL, NULL);
	recording_close(&w);
	return failed;
}
