# A colour laser printer in the shape of Brother's: binary records for counters and maintenance, and
# supplies in the Printer-MIB that only say "some left".
profile brother
serial "E7@###A2N######"
host "BRN{mac}"
oui 30055c

rate print_mono 4.00
rate print_color 2.00
rate copy_mono 0.50
rate copy_color 0.20

let color = print_color + copy_color
let mono = print_mono + copy_mono + fax_mono
let total = color + mono
let duplex = total%30
let sheets = total - duplex
let images = total
let drum_k = total
let drum_c = color
let drum_m = color
let drum_y = color

supply black total capacity 10000 yield 6500 low 10
supply cyan color capacity 10000 yield 4000 low 10
supply magenta color capacity 10000 yield 4000 low 10
supply yellow color capacity 10000 yield 4000 low 10
supply drum total capacity 10000 yield 50000 low 10
supply belt total capacity 10000 yield 100000 low 10
supply fuser total capacity 10000 yield 100000 low 10
supply waste total capacity 10000 yield 50000 low 10
let drum_pages = drum.left + drum.left + drum.left + drum.left + drum.left
let belt_pages = belt.left%100 + belt.left + belt.left
let fuser_pages = fuser.left + fuser.left
let black_half = black.left + 50
let black_percent = black_half%1
let cyan_half = cyan.left + 50
let cyan_percent = cyan_half%1
let magenta_half = magenta.left + 50
let magenta_percent = magenta_half%1
let drum_half = drum.left + 50
let drum_percent = drum_half%1
let belt_half = belt.left + 50
let belt_percent = belt_half%1
let fuser_half = fuser.left + 50
let fuser_percent = fuser_half%1
let yellow_half = yellow.left + 50
let yellow_percent = yellow_half%1
supply tray1 sheets capacity 250 yield 250 low 10
event jam every 57
event door every 37

1.3.6.1.2.1.1.1.0 string "Brother NC-9300w, Firmware Ver.ZB  ,MID 84E-900"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.2435.2.3.9.1
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "BRN{mac}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 72
1.3.6.1.2.1.2.1.0 integer 1
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "Brother NC-9300w" | 6 | 1500 | 100000000 | "{macbytes}" | 1 | 1
end

1.3.6.1.2.1.25.1.1.0 ticks uptime
1.3.6.1.2.1.25.2.2.0 integer 1048576
table 1.3.6.1.2.1.25.2.3.1 1 integer, 2 oid, 3 string, 4 integer, 5 integer, 6 integer
1 | 1 | 1.3.6.1.2.1.25.2.1.2 | "RAM" | 1024 | 2097152 | 700000
2 | 2 | 1.3.6.1.2.1.25.2.1.4 | "Hard Disk" | 4096 | 39321600 | 1200000
end
table 1.3.6.1.2.1.25.3.2.1 1 integer, 2 oid, 3 string, 4 oid, 5 integer, 6 counter
1 | 1 | 1.3.6.1.2.1.25.3.1.5 | "Brother HL-L9400CDW series" | 1.3.6.1.4.1.2435.2.3.9.1 | pick 5 if jam door black.empty / 3 if black.low cyan.low magenta.low yellow.low / 2 | =jam.count
end
1.3.6.1.2.1.25.3.5.1.1.1 integer pick 4 if printing / 1 if jam door / 3
1.3.6.1.2.1.25.3.5.1.2.1 bits 2 2 if black.low cyan.low magenta.low yellow.low / 3 if black.empty cyan.empty magenta.empty yellow.empty / 4 if door / 5 if jam / 0 if tray1.low / 1 if tray1.empty

1.3.6.1.2.1.43.5.1.1.1.1 counter 5
1.3.6.1.2.1.43.5.1.1.2.1 integer 1
1.3.6.1.2.1.43.5.1.1.4.1 string "Planted Operator"
1.3.6.1.2.1.43.5.1.1.16.1 string "Brother HL-L9400CDW series"
1.3.6.1.2.1.43.5.1.1.17.1 string "{serial}"
1.3.6.1.2.1.43.5.1.1.18.1 counter =jam.count
1.3.6.1.2.1.43.5.1.1.19.1 counter =door.count
table 1.3.6.1.2.1.43.6.1.1 2 string, 3 integer
1.1 | "Front Cover" | pick 3 if door / 4
end
table 1.3.6.1.2.1.43.7.1.1 2 string, 3 string, 4 integer
1.1 | "en" | "" | 106
end
table 1.3.6.1.2.1.43.8.2.1 2 integer, 3 integer, 4 integer, 5 integer, 8 integer, 9 integer, 10 integer, 11 integer, 12 string, 13 string, 18 string
1.1 | 3 | 4 | 297000 | 210000 | 8 | 250 | =tray1.left | pick 9 if tray1.empty / 0 | "iso-a4-white" | "Tray 1" | "Tray 1"
1.2 | 4 | 4 | 297000 | 210000 | 8 | 100 | -3 | 0 | "iso-a4-white" | "MP Tray" | "Multi purpose tray"
end
table 1.3.6.1.2.1.43.9.2.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 string, 12 string
1.1 | 3 | 8 | 250 | -3 | 0 | "Standard Bin" | "Standard output bin"
end
table 1.3.6.1.2.1.43.10.2.1 2 integer, 3 integer, 4 counter, 5 counter, 15 integer
1.1 | 4 | 7 | =total | =since_boot | 0
end
table 1.3.6.1.2.1.43.11.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 string, 7 integer, 8 integer, 9 integer
1.1 | 1 | 1 | 3 | 3 | "Black Toner Cartridge" | 19 | -2 | -3
1.2 | 1 | 2 | 3 | 3 | "Cyan Toner Cartridge" | 19 | -2 | -3
1.3 | 1 | 3 | 3 | 3 | "Magenta Toner Cartridge" | 19 | -2 | -3
1.4 | 1 | 4 | 3 | 3 | "Yellow Toner Cartridge" | 19 | -2 | -3
1.5 | 1 | 0 | 3 | 9 | "Drum Unit" | 19 | -2 | -3
1.6 | 1 | 0 | 3 | 20 | "Belt Unit" | 19 | -2 | -3
1.7 | 1 | 0 | 3 | 15 | "Fuser Unit" | 19 | -2 | -3
1.8 | 1 | 0 | 4 | 4 | "Waste Toner Box" | 19 | -2 | -3
end
table 1.3.6.1.2.1.43.12.1.1 2 integer, 3 integer, 4 string, 5 integer
1.1 | 1 | 3 | "black" | 256
1.2 | 1 | 3 | "cyan" | 256
1.3 | 1 | 3 | "magenta" | 256
1.4 | 1 | 3 | "yellow" | 256
end
table 1.3.6.1.2.1.43.13.4.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 integer, 8 integer, 9 integer, 10 string, 11 integer
1.1 | 7 | 4 | 1860 | 432000 | 305000 | 148000 | 98000 | 5 | "Simplex path" | 0
end
table 1.3.6.1.2.1.43.14.1.1 2 integer, 3 string, 4 integer, 5 integer, 6 integer, 7 integer, 8 integer, 9 string
1.1 | 11 | "1.0" | 1 | 1 | 4 | 1 | 0 | "Port=9100"
1.2 | 8 | "RFC1179" | 1 | 1 | 4 | 1 | 0 | "QueueName=lp"
1.3 | 44 | "2.0" | 1 | 1 | 4 | 1 | 0 | "URI=/ipp/print"
end
table 1.3.6.1.2.1.43.15.1.1 2 integer, 3 string, 5 string, 6 string
1.1 | 47 | "2.1" | "PCL XL" | "3.0"
1.2 | 6 | "3" | "PostScript 3" | "3019.1"
1.3 | 54 | "1.7" | "PDF" | "1.7"
end
1.3.6.1.2.1.43.16.5.1.2.1.1 string pick "Paper Jam" if jam / "Cover Open" if door / "Printing" if printing / "Sleep" if sleeping / "Ready"
table 1.3.6.1.2.1.43.18.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 integer, 8 string, 9 ticks
1.1 when black.low | 5 | 3 | 11 | 1 | 0 | 1104 | "Toner Low: Black" | 0
1.2 when cyan.low | 5 | 3 | 11 | 2 | 0 | 1104 | "Toner Low: Cyan" | 0
1.3 when magenta.low | 5 | 3 | 11 | 3 | 0 | 1104 | "Toner Low: Magenta" | 0
1.4 when yellow.low | 5 | 3 | 11 | 4 | 0 | 1104 | "Toner Low: Yellow" | 0
1.5 when tray1.empty | 5 | 3 | 8 | 1 | 0 | 808 | "Tray 1 empty" | 0
1.6 when jam | 3 | 3 | 13 | 1 | 0 | 8 | "Paper jam" | raised
1.7 when door | 3 | 3 | 6 | 1 | 0 | 3 | "Front cover open" | raised
1.13 when sleeping | 1 | 7 | 5 | -1 | 40000 | 1 | "Sleep" | 0
end

1.3.6.1.4.1.2435.2.3.9.1.1.7.0 string "MFG:Brother;CMD:PJL,PCL,PCLXL,URF;MDL:HL-L9400CDW series;CLS:PRINTER;CID:Brother Laser Type1;"
root B 1.3.6.1.4.1.2435.2.3.9.4.2.1.5
$B.4.5.2.0 string pick "PAPER JAM" if jam / "COVER IS OPEN" if door / "PRINTING" if printing / "SLEEP" if sleeping / "READY"
$B.5.1.0 string "{serial}"
# Percent in hundredths, replacements and pages until care, as records of code and number.
$B.5.8.0 records 6f=black.left 70=cyan.left 71=magenta.left 72=yellow.left 41=drum.left 69=belt.left 6a=fuser.left
$B.5.10.0 records 00=total 01=mono 02=color 06=duplex 12=drum_k 13=drum_c 14=drum_m 15=drum_y 16=images
$B.5.11.0 records 82=drum_pages 88=belt_pages 89=fuser_pages
$B.5.17.0 string "ZB2406051234"
$B.5.20.0 records 6f=black.replaced 70=cyan.replaced 71=magenta.replaced 72=yellow.replaced

# ---- never: a collector must not request these ----
never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6
never 1.3.6.1.2.1.43.5.1.1.4
never 1.3.6.1.2.1.43.5.1.1.5

# ---- truth ----
truth identity is_printer, vendor, model, serial
1 | "Brother" | "HL-L9400CDW series" | "{serial}"
end
truth firmware name, version
"main" | "ZB2406051234"
end
truth meters name, unit, value, oid
marker_life | impressions | =total | "1.3.6.1.2.1.43.10.2.1.4.1.1"
power_on_impressions | impressions | =since_boot | "1.3.6.1.2.1.43.10.2.1.5.1.1"
impressions_total | impressions | =total | "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.10.0"
impressions_mono | impressions | =mono | "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.10.0"
impressions_color | impressions | =color | "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.10.0"
sheets_duplex | sheets | =duplex | "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.10.0"
"vendor:Black images" | impressions | =drum_k | "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.10.0"
"vendor:Cyan images" | impressions | =drum_c | "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.10.0"
"vendor:Magenta images" | impressions | =drum_m | "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.10.0"
"vendor:Yellow images" | impressions | =drum_y | "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.10.0"
"vendor:Image count" | impressions | =images | "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.10.0"
end
truth supplies index, type, class, colorant, description, part, serial, kind, percent
"1.1" | toner | consumed | black | "Black Toner Cartridge" | "" | "" | percent | =black_percent
"1.2" | toner | consumed | cyan | "Cyan Toner Cartridge" | "" | "" | percent | =cyan_percent
"1.3" | toner | consumed | magenta | "Magenta Toner Cartridge" | "" | "" | percent | =magenta_percent
"1.4" | toner | consumed | yellow | "Yellow Toner Cartridge" | "" | "" | percent | =yellow_percent
"1.5" | opc | consumed | "" | "Drum Unit" | "" | "" | percent | =drum_percent
"1.6" | transfer_unit | consumed | "" | "Belt Unit" | "" | "" | percent | =belt_percent
"1.7" | fuser | consumed | "" | "Fuser Unit" | "" | "" | percent | =fuser_percent
"1.8" | waste_toner | receptacle | "" | "Waste Toner Box" | "" | "" | some | -
end
truth alerts index, kind, severity, training, group, code, code_number, location, description
when black.low | "1.1" | warning | warning_binary_change_event | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "" | "Toner Low: Black"
when cyan.low | "1.2" | warning | warning_binary_change_event | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "" | "Toner Low: Cyan"
when magenta.low | "1.3" | warning | warning_binary_change_event | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "" | "Toner Low: Magenta"
when yellow.low | "1.4" | warning | warning_binary_change_event | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "" | "Toner Low: Yellow"
when tray1.empty | "1.5" | warning | warning_binary_change_event | untrained | input | input_media_supply_empty | 808 | "" | "Tray 1 empty"
when jam | "1.6" | fault | critical | untrained | media_path | jam | 8 | "" | "Paper jam"
when door | "1.7" | fault | critical | untrained | cover | cover_open | 3 | "" | "Front cover open"
when sleeping | "1.13" | state | other | no_intervention_required | general_printer | other | 1 | "40000" | "Sleep"
end
truth state printer, device, service_mode
pick "printing" if printing / "other" if jam door / "idle" | pick "down" if jam door black.empty / "warning" if black.low cyan.low magenta.low yellow.low / "running" | 0
end
truth errors name
when black.low | low_toner
when cyan.low | low_toner
when magenta.low | low_toner
when yellow.low | low_toner
when black.empty | no_toner
when cyan.empty | no_toner
when magenta.empty | no_toner
when yellow.empty | no_toner
when door | door_open
when jam | jammed
when tray1.low | low_paper
when tray1.empty | no_paper
end
truth trays index, name, description, level, max, unit, media
"1.1" | "Tray 1" | "Tray 1" | =tray1.left | 250 | sheets | "iso-a4-white"
"1.2" | "MP Tray" | "Multi purpose tray" | -3 | 100 | sheets | "iso-a4-white"
end
truth bins index, name, description, level, max, unit
"1.1" | "Standard Bin" | "Standard output bin" | -3 | 250 | sheets
end
truth covers index, description, status
"1.1" | "Front Cover" | pick "open" if door / "closed"
end
truth media_paths index, type, description, max, unit
"1.1" | simplex | "Simplex path" | 1860 | impressions_per_hour
end
truth rated_speed mono
31
end
truth options kind, name, value
interpreter | "PCL XL" | "3.0"
interpreter | "PostScript 3" | "3019.1"
interpreter | "PDF" | "1.7"
channel | "Port 9100" | "1.0"
channel | "LPD" | "RFC1179"
channel | "IPP" | "2.0"
memory | Memory | "1 GiB"
storage | "Hard Disk" | "150 GiB"
end
truth maintenance index, name, type, unit, life, left, used, hundredths, installed
"1.5" | "Drum Unit" | opc | impressions | "" | =drum_pages | - | =drum.left | ""
"1.6" | "Belt Unit" | transfer_unit | impressions | "" | =belt_pages | - | =belt.left | ""
"1.7" | "Fuser Unit" | fuser | impressions | "" | =fuser_pages | - | =fuser.left | ""
end
