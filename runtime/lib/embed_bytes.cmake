# embed_bytes(FILE FIRST COUNT VARIABLE): COUNT bytes of FILE from FIRST on, as the inside of a
# C array of characters: "0x41,0x42,...", each followed by a comma.
function(embed_bytes file first count variable)
    file(READ "${file}" bytes OFFSET ${first} LIMIT ${count} HEX)
    string(REGEX REPLACE "(................................)" "\\1\n    " bytes "${bytes}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    set(${variable} "${bytes}" PARENT_SCOPE)
endfunction()
