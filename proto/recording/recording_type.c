/* SPDX-License-Identifier: Apache-2.0
 * Types of columns for formats that have none: MIB-II (RFC 1213), HOST-RESOURCES-MIB (RFC 2790),
 * IF-MIB (RFC 2863), Printer-MIB (RFC 3805), and the private columns in which digits are text or
 * counters. A column that is not in the table is INTEGER if the value is a number, else text. */
#include "proto/recording/recording_internal.h"

#include <string.h>

enum kind {
	TEXT_ = BER_OCTETS,
	NAME_ = BER_OID,
	ADDR_ = BER_IPADDRESS,
	COUNT_ = BER_COUNTER32,
	GAUGE_ = BER_GAUGE32,
	TICKS_ = BER_TIMETICKS,
	LONG_ = BER_COUNTER64,
	MAC_ = 0xff
};

struct column {
	const char *prefix; /* after 1.3.6.1. */
	uint8_t kind;
};

static const struct column columns[] = {
	/* system */
	{"2.1.1.1", TEXT_}, {"2.1.1.2", NAME_}, {"2.1.1.3", TICKS_}, {"2.1.1.4", TEXT_},
	{"2.1.1.5", TEXT_}, {"2.1.1.6", TEXT_}, {"2.1.1.8", TICKS_}, {"2.1.1.9.1.2", NAME_},
	{"2.1.1.9.1.3", TEXT_}, {"2.1.1.9.1.4", TICKS_},
	/* interfaces, at, ip, icmp, tcp, udp, snmp */
	{"2.1.2.2.1.2", TEXT_}, {"2.1.2.2.1.5", GAUGE_}, {"2.1.2.2.1.6", MAC_},
	{"2.1.2.2.1.9", TICKS_}, {"2.1.2.2.1.10", COUNT_}, {"2.1.2.2.1.11", COUNT_},
	{"2.1.2.2.1.12", COUNT_}, {"2.1.2.2.1.13", COUNT_}, {"2.1.2.2.1.14", COUNT_},
	{"2.1.2.2.1.15", COUNT_}, {"2.1.2.2.1.16", COUNT_}, {"2.1.2.2.1.17", COUNT_},
	{"2.1.2.2.1.18", COUNT_}, {"2.1.2.2.1.19", COUNT_}, {"2.1.2.2.1.20", COUNT_},
	{"2.1.2.2.1.21", GAUGE_}, {"2.1.2.2.1.22", NAME_}, {"2.1.3.1.1.2", MAC_},
	{"2.1.3.1.1.3", ADDR_}, {"2.1.4.3", COUNT_}, {"2.1.4.4", COUNT_}, {"2.1.4.5", COUNT_},
	{"2.1.4.6", COUNT_}, {"2.1.4.7", COUNT_}, {"2.1.4.8", COUNT_}, {"2.1.4.9", COUNT_},
	{"2.1.4.10", COUNT_}, {"2.1.4.11", COUNT_}, {"2.1.4.12", COUNT_}, {"2.1.4.14", COUNT_},
	{"2.1.4.15", COUNT_}, {"2.1.4.16", COUNT_}, {"2.1.4.17", COUNT_}, {"2.1.4.18", COUNT_},
	{"2.1.4.19", COUNT_}, {"2.1.4.20.1.1", ADDR_}, {"2.1.4.20.1.3", ADDR_},
	{"2.1.4.21.1.1", ADDR_}, {"2.1.4.21.1.7", ADDR_}, {"2.1.4.21.1.11", ADDR_},
	{"2.1.4.21.1.13", NAME_}, {"2.1.4.22.1.2", MAC_}, {"2.1.4.22.1.3", ADDR_},
	{"2.1.4.23", COUNT_}, {"2.1.5", COUNT_}, {"2.1.6.5", COUNT_}, {"2.1.6.6", COUNT_},
	{"2.1.6.7", COUNT_}, {"2.1.6.8", COUNT_}, {"2.1.6.9", GAUGE_}, {"2.1.6.10", COUNT_},
	{"2.1.6.11", COUNT_}, {"2.1.6.12", COUNT_}, {"2.1.6.13.1.2", ADDR_},
	{"2.1.6.13.1.4", ADDR_}, {"2.1.6.14", COUNT_}, {"2.1.6.15", COUNT_}, {"2.1.7.1", COUNT_},
	{"2.1.7.2", COUNT_}, {"2.1.7.3", COUNT_}, {"2.1.7.4", COUNT_}, {"2.1.7.5.1.1", ADDR_},
	{"2.1.11.30", BER_INTEGER}, {"2.1.11", COUNT_},
	/* host resources */
	{"2.1.25.1.1", TICKS_}, {"2.1.25.1.2", TEXT_}, {"2.1.25.1.4", TEXT_},
	{"2.1.25.1.5", GAUGE_}, {"2.1.25.1.6", GAUGE_}, {"2.1.25.2.3.1.2", NAME_},
	{"2.1.25.2.3.1.3", TEXT_}, {"2.1.25.2.3.1.7", COUNT_}, {"2.1.25.3.2.1.2", NAME_},
	{"2.1.25.3.2.1.3", TEXT_}, {"2.1.25.3.2.1.4", NAME_}, {"2.1.25.3.2.1.6", COUNT_},
	{"2.1.25.3.3.1.1", NAME_}, {"2.1.25.3.5.1.2", TEXT_}, {"2.1.25.3.7.1.2", TEXT_},
	{"2.1.25.3.7.1.3", TEXT_}, {"2.1.25.3.8.1.2", TEXT_}, {"2.1.25.3.8.1.3", TEXT_},
	{"2.1.25.3.8.1.4", NAME_}, {"2.1.25.3.8.1.8", TEXT_}, {"2.1.25.3.8.1.9", TEXT_},
	{"2.1.25.4.2.1.2", TEXT_}, {"2.1.25.4.2.1.3", NAME_}, {"2.1.25.4.2.1.4", TEXT_},
	{"2.1.25.4.2.1.5", TEXT_}, {"2.1.25.6.1", TICKS_}, {"2.1.25.6.2", TICKS_},
	{"2.1.25.6.3.1.2", TEXT_}, {"2.1.25.6.3.1.3", NAME_}, {"2.1.25.6.3.1.5", TEXT_},
	/* ifMIB */
	{"2.1.31.1.1.1.1", TEXT_}, {"2.1.31.1.1.1.2", COUNT_}, {"2.1.31.1.1.1.3", COUNT_},
	{"2.1.31.1.1.1.4", COUNT_}, {"2.1.31.1.1.1.5", COUNT_}, {"2.1.31.1.1.1.6", LONG_},
	{"2.1.31.1.1.1.7", LONG_}, {"2.1.31.1.1.1.8", LONG_}, {"2.1.31.1.1.1.9", LONG_},
	{"2.1.31.1.1.1.10", LONG_}, {"2.1.31.1.1.1.11", LONG_}, {"2.1.31.1.1.1.12", LONG_},
	{"2.1.31.1.1.1.13", LONG_}, {"2.1.31.1.1.1.15", GAUGE_}, {"2.1.31.1.1.1.18", TEXT_},
	{"2.1.31.1.1.1.19", TICKS_}, {"2.1.31.1.5", TICKS_},
	/* printers */
	{"2.1.43.5.1.1.1", COUNT_}, {"2.1.43.5.1.1.4", TEXT_}, {"2.1.43.5.1.1.5", TEXT_},
	{"2.1.43.5.1.1.16", TEXT_}, {"2.1.43.5.1.1.17", TEXT_}, {"2.1.43.5.1.1.18", COUNT_},
	{"2.1.43.5.1.1.19", COUNT_}, {"2.1.43.6.1.1.2", TEXT_}, {"2.1.43.7.1.1.2", TEXT_},
	{"2.1.43.7.1.1.3", TEXT_}, {"2.1.43.8.2.1.12", TEXT_}, {"2.1.43.8.2.1.13", TEXT_},
	{"2.1.43.8.2.1.14", TEXT_}, {"2.1.43.8.2.1.15", TEXT_}, {"2.1.43.8.2.1.16", TEXT_},
	{"2.1.43.8.2.1.17", TEXT_}, {"2.1.43.8.2.1.18", TEXT_}, {"2.1.43.8.2.1.21", TEXT_},
	{"2.1.43.8.2.1.22", TEXT_}, {"2.1.43.9.2.1.7", TEXT_}, {"2.1.43.9.2.1.8", TEXT_},
	{"2.1.43.9.2.1.9", TEXT_}, {"2.1.43.9.2.1.10", TEXT_}, {"2.1.43.9.2.1.11", TEXT_},
	{"2.1.43.9.2.1.12", TEXT_}, {"2.1.43.10.2.1.4", COUNT_}, {"2.1.43.10.2.1.5", COUNT_},
	{"2.1.43.11.1.1.6", TEXT_}, {"2.1.43.12.1.1.4", TEXT_}, {"2.1.43.13.4.1.10", TEXT_},
	{"2.1.43.14.1.1.3", TEXT_}, {"2.1.43.14.1.1.9", TEXT_}, {"2.1.43.15.1.1.3", TEXT_},
	{"2.1.43.15.1.1.4", TEXT_}, {"2.1.43.15.1.1.5", TEXT_}, {"2.1.43.15.1.1.6", TEXT_},
	{"2.1.43.16.5.1.2", TEXT_}, {"2.1.43.17.6.1.5", TEXT_}, {"2.1.43.18.1.1.8", TEXT_},
	{"2.1.43.18.1.1.9", TICKS_}, {"2.1.43.31.1.1.6", TEXT_},
	/* private: serial numbers of digits, Lexmark's page counters */
	{"4.1.253.8.53.3.2.1.2", TEXT_}, {"4.1.253.8.53.3.2.1.3", TEXT_},
	{"4.1.253.8.53.13.2.1.8", TEXT_}, {"4.1.641.2.1.2.1.6", TEXT_},
	{"4.1.641.6.2.3.1.4", TEXT_}, {"4.1.641.6.2.3.1.5", TEXT_}, {"4.1.641.6.4.2.1.1.4", COUNT_},
	{"4.1.641.6.4.4.1.1.6", TEXT_}, {"4.1.1347.43.5.1.1.28", TEXT_},
	{"4.1.2435.2.3.9.4.2.1.5.5.1", TEXT_}, {"4.1.2435.2.3.9.4.2.1.5.5.17", TEXT_}};

uint8_t recording_type_of(struct text name, bool *is_mac)
{
	*is_mac = false;
	if (name.len > 0 && name.p[0] == '.') {
		name.p++;
		name.len--;
	}
	if (!recording_starts(name, "1.3.6.1."))
		return 0;
	name.p += 8;
	name.len -= 8;
	for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
		size_t n = strlen(columns[i].prefix);
		if (name.len < n || memcmp(name.p, columns[i].prefix, n) != 0 ||
			(name.len > n && name.p[n] != '.'))
			continue;
		*is_mac = columns[i].kind == MAC_;
		return *is_mac ? (uint8_t)BER_OCTETS : columns[i].kind;
	}
	return 0;
}
