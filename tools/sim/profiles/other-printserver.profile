# A Windows host that shares printers: its Host Resources list them as devices.
profile other-printserver
serial "WIN########"
oui 00155d

event fault every 97

1.3.6.1.2.1.1.1.0 string "Hardware: Intel64 Family 6 Model 85 Stepping 7 AT/AT COMPATIBLE - Software: Windows Version 6.3 (Build 17763 Multiprocessor Free)"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.311.1.1.3.1.2
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "PRINT{n}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 76
1.3.6.1.2.1.2.1.0 integer 2
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "Software Loopback Interface 1" | 24 | 1500 | 1073741824 | "{macbytes}" | 1 | 1
2 | 2 | "Microsoft Hyper-V Network Adapter" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
end
1.3.6.1.2.1.25.1.1.0 ticks uptime
1.3.6.1.2.1.25.1.2.0 clock
1.3.6.1.2.1.25.1.5.0 gauge 3
1.3.6.1.2.1.25.1.6.0 gauge 214
1.3.6.1.2.1.25.2.2.0 integer 16316588
table 1.3.6.1.2.1.25.2.3.1 1 integer, 2 oid, 3 string, 4 integer, 5 integer, 6 integer
1 | 1 | 1.3.6.1.2.1.25.2.1.2 | "Physical memory" | 1024 | 16316588 | 9300144
31 | 31 | 1.3.6.1.2.1.25.2.1.4 | "C:\\ Label:System" | 4096 | 25770000 | 8123441
end
table 1.3.6.1.2.1.25.3.2.1 1 integer, 2 oid, 3 string, 4 oid, 5 integer
1 | 1 | 1.3.6.1.2.1.25.3.1.5 | "HP LaserJet M507 UPD PCL 6" | 0.0 | 2
2 | 2 | 1.3.6.1.2.1.25.3.1.5 | "Xerox VersaLink C405 V4 PCL6" | 0.0 | pick 5 if fault / 2
3 | 3 | 1.3.6.1.2.1.25.3.1.5 | "Microsoft Print to PDF" | 0.0 | 2
4 | 4 | 1.3.6.1.2.1.25.3.1.3 | "Intel" | 0.0 | 2
end
table 1.3.6.1.2.1.25.3.5.1 1 integer, 2 string
1 | 3 | ""
2 | pick 1 if fault / 3 | ""
3 | 3 | ""
end
table 1.3.6.1.4.1.77.1.2.27.1 1 string, 2 string
1 | "Accounting" | "\\\\print\\accounting"
end

never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6

truth identity is_printer
0
end
