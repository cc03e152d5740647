-- Lesson 13: merging RUN, honestly. Five RUNs become one, and the image is as big as
-- before; it shrinks only where one of them takes away what another has made. What
-- does help is COPY --chown, with one layer more, and a second stage.
--
-- How the Dockerfiles are written is free: what counts is how many layers an image
-- has, how many bytes they hold, and whose the files are.
--
-- Where the account has one id only, chown cannot be done: there the last RUN sets
-- rights instead of an owner, which copies the files in just the same way.

lesson{ format = 1, id = "merge", needs = { "dockerfile" }, minutes = 25, points = 15 }

var.token = token(6)
var.last = has("ids") and "chown -R app:app /scripts /home/app" or "chmod -R a-w /scripts"

local APP, TOOL, UNDO = "app/Dockerfile", "tool/Dockerfile", "undo/Dockerfile"
local IDS = has("ids")

-- ---- what typically went wrong ----

-- The last build did not come as far as its first step.
local function refused(w)
  local last
  for _, done in ipairs(w:lines()) do
    if (" " .. done.line .. " "):find(" build ", 1, true) then last = done end
  end
  local build = w:built()
  return last and last.status ~= 0 and
         (not build or build.number < 1 or build.ok or #build.steps == 0)
end

-- Why there is no image `tag`. `before`: the one that comes before it, and is fine.
local function not_built(w, c, tag, before)
  if w:image(tag) then return end
  if refused(w) then return c:fail("refused") end
  local build, first = w:built(), before and w:image(before)
  if build and first and build.image == first.id then return c:fail("now", { tag = tag }) end
  if not build or build.number < 1 then return c:fail("not_yet", { tag = tag }) end
  if not build.ok then return c:fail("build_failed", { line = build:failed() }) end
  local image = w:image(build.image)
  if not image or not image.tags[1] then return c:fail("no_name", { tag = tag }) end
  c:fail("other_name", { name = image.tags[1], tag = tag })
end

local function own_bytes(w, image)
  return image.size - w:image("busybox").size
end

local function bytes(image) return image and image.size or 0 end
local function layers(image) return image and image.layer_count or 0 end

-- Everything that the five RUNs had done is done in this image, too.
local function left_out(image)
  if not image:stat("/scripts/installed.txt") then return "sh install.sh" end
  if not (image:file("/etc/group") or ""):find("app:x:1000", 1, true) then
    return "echo app:x:1000: >> /etc/group"
  end
  if not (image:file("/etc/passwd") or ""):find("app:x:1000", 1, true) then
    return "echo app:x:1000:1000::/home/app:/bin/sh >> /etc/passwd"
  end
  if not image:stat("/home/app") then return "mkdir /home/app" end
end

-- Are these the app's own? Its owner is asked inside; rights are read.
local function is_done(image, paths)
  for _, path in ipairs(paths) do
    local stat = image:stat(path)
    if not stat then return false end
    if not IDS and stat.mode:find("[2367]", 2) then return false end
  end
  if not IDS then return true end
  local said = image:run("stat", "-c", "%U", table.unpack(paths)) or ""
  local count = select(2, said:gsub("app\n", ""))
  return count == #paths
end

-- ---- what the texts show ----

local function sizes(w)
  local one, two, three = w:image("app:1"), w:image("app:2"), w:image("app:3")
  return { one_layers = layers(one), one_bytes = bytes(one),
           two_layers = layers(two), two_bytes = bytes(two),
           three_layers = layers(three), three_bytes = bytes(three),
           saved = bytes(one) - bytes(two), really = bytes(two) - bytes(three) }
end

-- ---- what the author writes ----

local AND = " \\\n && "
local USER = "echo app:x:1000: >> /etc/group" .. AND ..
             "echo app:x:1000:1000::/home/app:/bin/sh >> /etc/passwd" .. AND ..
             "mkdir /home/app"
local REST = (IDS and "USER app\n" or "") .. "EXPOSE 3000\nCMD [\"sh\", \"app.sh\"]\n"
local HEAD = "FROM busybox\nWORKDIR /scripts\n"
local MERGED = HEAD .. "COPY . .\nRUN sh install.sh" .. AND .. USER .. AND ..
               "%{last}\n" .. REST

-- ---------------------------------------------------------------------------
step{ id = "merge", points = 4, show = sizes,
  setup = function(w)
    w:copy("files/app", "app")
    w:type("seq 1 8000 | sed 's/.*/Page & of the app, and its words./' > app/pages.txt")
    if not IDS then
      w:edit(APP, "chown -R app:app /scripts /home/app", "chmod -R a-w /scripts")
      w:edit(APP, "USER app\n", "")
    end
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    image{ id = "before", after = "guess", tag = "app:1", base = "busybox", min_layers = 8,
      diagnose = function(w, c) not_built(w, c, "app:1") end },
    custom{ id = "merged", points = 2, after = "before",
      check = function(w, c)
        local image = w:image("app:2")
        if not image then
          c:fail("not_yet", { tag = "app:2" })
          return not_built(w, c, "app:2", "app:1")
        end
        if not image:stat("/scripts") then return c:fail("elsewhere") end
        local line = left_out(image)
        if line then return c:fail("left_out", { line = line }) end
        if image.layer_count > 4 then
          return c:fail("still_many", { count = image.layer_count })
        end
        if not is_done(image, { "/scripts/app.sh", "/scripts/installed.txt" }) then
          c:fail("last_missing")
        end
      end },
    answer{ id = "fewer", points = 0, after = "merged", right = function(w)
      local one, two = w:image("app:1"), w:image("app:2")
      return one and two and one.layer_count - two.layer_count
    end },
    answer{ id = "saved", after = "fewer", choices = 3, right = 3 },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("build -t app:1 app")
      w:write(APP, MERGED)
      w:type("build -t app:2 app")
      w:type("compare app:1 app:2")
      w:type("answer 4")
      w:type("answer 3")
    end,
    function(w) -- the commands in a script of their own, and no WORKDIR
      w:type("answer 2")
      w:type("docker build -t app:1 app")
      w:write("app/all.sh", "set -e\ncd /scripts\nsh install.sh\n" ..
              USER:gsub(AND, "\n") .. "\n%{last}\n")
      w:write(APP, "FROM busybox\nADD . /scripts\nRUN sh /scripts/all.sh\n" .. REST)
      w:type("docker build -t app:2 app")
      w:type("answer 5")
      w:type("answer 3")
    end,
  },
  wrong = {
    { name = "another folder",
      run = function(w)
        w:type("answer 1")
        w:type("build -t app:1 app")
        w:write(APP, (MERGED:gsub("WORKDIR /scripts", "WORKDIR /app", 1)):gsub("%%{last}", "true"))
        w:type("build -t app:2 app")
      end,
      expect = { goal = "merged", message = "elsewhere" } },
    { name = "merged before the first build",
      run = function(w)
        w:type("answer 1")
        w:write(APP, MERGED)
        w:type("build -t app:1 app")
      end,
      expect = { goal = "before", message = "few_layers" } },
    { name = "the same file under another name",
      run = function(w)
        w:type("answer 1")
        w:type("build -t app:1 app")
        w:type("build -t app:2 app")
      end,
      expect = { goal = "merged", message = "still_many" } },
    { name = "the old tag",
      run = function(w)
        w:type("answer 1")
        w:type("build -t app:1 app")
        w:write(APP, MERGED)
        w:type("build -t app app")
      end,
      expect = { goal = "merged", message = "other_name" } },
    { name = "one command lost",
      run = function(w)
        w:type("answer 1")
        w:type("build -t app:1 app")
        w:write(APP, HEAD .. "COPY . .\nRUN sh install.sh && echo app:x:1000: >> /etc/group\n")
        w:type("build -t app:2 app")
      end,
      expect = { goal = "merged", message = "left_out" } },
    { name = "the last one lost",
      run = function(w)
        w:type("answer 1")
        w:type("build -t app:1 app")
        w:write(APP, HEAD .. "COPY . .\nRUN sh install.sh && " .. USER .. "\n")
        w:type("build -t app:2 app")
      end,
      expect = { goal = "merged", message = "last_missing" } },
    { name = "RUN left in the middle",
      run = function(w)
        w:type("answer 1")
        w:type("build -t app:1 app")
        w:write(APP, HEAD .. "COPY . .\nRUN sh install.sh && RUN mkdir /home/app\n")
        w:type("build -t app:2 app")
      end,
      expect = { goal = "merged", message = "build_failed" } },
    { name = "without a \\ at the end of the line",
      run = function(w)
        w:type("answer 1")
        w:type("build -t app:1 app")
        w:write(APP, HEAD .. "COPY . .\nRUN sh install.sh\n && mkdir /home/app\n")
        w:type("build -t app:2 app")
      end,
      expect = { goal = "merged", message = "refused" } },
    { name = "said that it is half as big",
      run = function(w)
        w:type("answer 1")
        w:type("build -t app:1 app")
        w:write(APP, MERGED)
        w:type("build -t app:2 app")
        w:type("answer 4")
        w:type("answer 2")
      end,
      expect = { goal = "saved", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
local FETCH = "seq 1 60000 > /tmp/packages"
local USE = "grep -c 7 /tmp/packages > /opt.txt"
local UNDO_MERGED = "FROM busybox\nRUN " .. FETCH .. AND .. USE .. AND .. "rm /tmp/packages\n"

step{ id = "undo", points = 3,
  show = function(w)
    local one, two = w:image("undo:1"), w:image("undo:2")
    return { undo_one = one and own_bytes(w, one) or 0,
             undo_two = two and own_bytes(w, two) or 0 }
  end,
  setup = function(w)
    w:write(UNDO, "FROM busybox\nRUN " .. FETCH .. "\nRUN " .. USE ..
            "\nRUN rm /tmp/packages\n")
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    image{ id = "before", after = "guess", tag = "undo:1", base = "busybox", min_layers = 4,
      diagnose = function(w, c) not_built(w, c, "undo:1") end },
    custom{ id = "small", points = 2, after = "before",
      check = function(w, c)
        local image = w:image("undo:2")
        if not image then
          c:fail("not_yet", { tag = "undo:2" })
          return not_built(w, c, "undo:2", "undo:1")
        end
        if not image:stat("/opt.txt") then return c:fail("no_result") end
        if image:stat("/tmp/packages") then return c:fail("not_removed") end
        if own_bytes(w, image) > 100000 then c:fail("still_big") end
      end },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("build -t undo:1 undo")
      w:write(UNDO, UNDO_MERGED)
      w:type("build -t undo:2 undo")
      w:type("compare undo:1 undo:2")
    end,
    function(w) -- never written to a file at all
      w:type("answer 3")
      w:type("build -t undo:1 undo")
      w:write(UNDO, "FROM busybox\nRUN seq 1 60000 | grep -c 7 > /opt.txt\n")
      w:type("build -t undo:2 undo")
    end,
  },
  wrong = {
    { name = "only two of the three merged",
      run = function(w)
        w:type("answer 1")
        w:type("build -t undo:1 undo")
        w:write(UNDO, "FROM busybox\nRUN " .. FETCH .. "\nRUN " .. USE ..
                " && rm /tmp/packages\n")
        w:type("build -t undo:2 undo")
      end,
      expect = { goal = "small", message = "still_big" } },
    { name = "rm forgotten",
      run = function(w)
        w:type("answer 1")
        w:type("build -t undo:1 undo")
        w:write(UNDO, "FROM busybox\nRUN " .. FETCH .. " && " .. USE .. "\n")
        w:type("build -t undo:2 undo")
      end,
      expect = { goal = "small", message = "not_removed" } },
    { name = "all of it thrown out",
      run = function(w)
        w:type("answer 1")
        w:type("build -t undo:1 undo")
        w:write(UNDO, "FROM busybox\nRUN true\n")
        w:type("build -t undo:2 undo")
      end,
      expect = { goal = "small", message = "no_result" } },
    { name = "merged before the first build",
      run = function(w)
        w:type("answer 1")
        w:write(UNDO, UNDO_MERGED)
        w:type("build -t undo:1 undo")
      end,
      expect = { goal = "before", message = "few_layers" } },
  },
}

-- ---------------------------------------------------------------------------
-- What COPY brought in is the app's, and lies in the image once.
local PAGES = { "/scripts/app.sh", "/scripts/pages.txt" }

local function once(w, c)
  local image = w:image("app:3")
  if not image then
    c:fail("not_yet", { tag = "app:3" })
    local build = w:built()
    if build and build.number >= 1 and not build.ok and
       build:failed():find("COPY --chown", 1, true) then
      return c:fail("no_user")
    end
    return not_built(w, c, "app:3")
  end
  local line = left_out(image)
  if line then return c:fail("left_out", { line = line }) end
  local page = image:stat("/scripts/pages.txt")
  if not page then return c:fail("no_pages") end
  if own_bytes(w, image) > page.bytes * 1.1 then
    return c:fail("twice", { size = own_bytes(w, image), page = page.bytes })
  end
  if not is_done(image, PAGES) then c:fail("not_the_apps") end
end

step{ id = "chown", only_if = "ids", points = 4, show = sizes,
  goals = {
    answer{ id = "which", points = 1, choices = 4, right = 4 },
    custom{ id = "once", points = 3, after = "which", check = once },
  },
  solve = {
    function(w)
      w:type("layers app:2")
      w:type("answer 4")
      w:write(APP, "FROM busybox\nRUN " .. USER .. "\nWORKDIR /scripts\n" ..
              "COPY --chown=app:app . .\nRUN sh install.sh\n" .. REST)
      w:type("build -t app:3 app")
      w:type("compare app:2 app:3")
    end,
    function(w) -- by number, so that nothing has to be moved
      w:type("answer 4")
      w:write(APP, HEAD .. "COPY --chown=1000:1000 . .\nRUN sh install.sh && " .. USER ..
              " && chown app:app installed.txt /home/app\n" .. REST)
      w:type("docker build -t app:3 app")
    end,
  },
  wrong = {
    { name = "WORKDIR taken for it",
      run = function(w) w:type("answer 1") end,
      expect = { goal = "which", message = "wrong" } },
    { name = "--chown before there is such a user",
      run = function(w)
        w:type("answer 4")
        w:write(APP, HEAD .. "COPY --chown=app:app . .\nRUN sh install.sh && " .. USER .. "\n")
        w:type("build -t app:3 app")
      end,
      expect = { goal = "once", message = "no_user" } },
    { name = "the old chown is still there",
      run = function(w)
        w:type("answer 4")
        w:write(APP, "FROM busybox\nRUN " .. USER .. "\nWORKDIR /scripts\n" ..
                "COPY --chown=app:app . .\nRUN sh install.sh && %{last}\n")
        w:type("build -t app:3 app")
      end,
      expect = { goal = "once", message = "twice" } },
    { name = "chown only taken out",
      run = function(w)
        w:type("answer 4")
        w:write(APP, HEAD .. "COPY . .\nRUN sh install.sh && " .. USER .. "\n" .. REST)
        w:type("build -t app:3 app")
      end,
      expect = { goal = "once", message = "not_the_apps" } },
  },
}

step{ id = "rights", unless = "ids", points = 4, show = sizes,
  goals = {
    answer{ id = "which", points = 1, choices = 4, right = 4 },
    custom{ id = "once", points = 3, after = "which", check = once },
  },
  solve = {
    function(w)
      w:type("layers app:2")
      w:type("answer 4")
      w:type("chmod a-w app/app.sh app/pages.txt")
      w:write(APP, HEAD .. "COPY . .\nRUN sh install.sh && " .. USER .. "\n" .. REST)
      w:type("build -t app:3 app")
      w:type("compare app:2 app:3")
    end,
    function(w) -- all of the files, and a chmod for the one that is made inside
      w:type("answer 4")
      w:write(APP, HEAD .. "COPY . .\nRUN sh install.sh && " .. USER ..
              " && chmod a-w installed.txt\n" .. REST)
      w:type("chmod a-w app/*")
      w:type("docker build -t app:3 app")
    end,
  },
  wrong = {
    { name = "WORKDIR taken for it",
      run = function(w) w:type("answer 1") end,
      expect = { goal = "which", message = "wrong" } },
    { name = "the old chmod is still there",
      run = function(w)
        w:type("answer 4")
        w:type("chmod a-w app/app.sh app/pages.txt")
        w:type("build -t app:3 app")
      end,
      expect = { goal = "once", message = "twice" } },
    { name = "chmod only taken out",
      run = function(w)
        w:type("answer 4")
        w:write(APP, HEAD .. "COPY . .\nRUN sh install.sh && " .. USER .. "\n" .. REST)
        w:type("build -t app:3 app")
      end,
      expect = { goal = "once", message = "not_the_apps" } },
  },
}

-- ---------------------------------------------------------------------------
local FIRST = "FROM busybox%s\nWORKDIR /src\nCOPY . .\nRUN sh compile.sh\n"
local function staged(name, from)
  return FIRST:format(name) .. "\nFROM busybox\nCOPY --from=" .. from ..
         " /src/program.sh /app/program.sh\nCMD [\"sh\", \"/app/program.sh\"]\n"
end

-- In a layer, though one above may hide it.
local function is_below(image, path)
  for layer = 1, image.layer_count do
    if image:stat(path, layer) then return true end
  end
  return false
end

-- What a container of the image starts, when nothing is asked for.
local function starts(image)
  local words = {}
  for _, word in ipairs(image.entrypoint or {}) do words[#words + 1] = word end
  for _, word in ipairs(image.cmd or {}) do words[#words + 1] = word end
  return words
end

step{ id = "stages", points = 4,
  show = function(w)
    local one, two = w:image("tool:1"), w:image("tool:2")
    return { tool_one = one and own_bytes(w, one) or 0,
             tool_two = two and own_bytes(w, two) or 0 }
  end,
  setup = function(w)
    w:copy("files/tool", "tool")
    w:type("seq 1 10000 | sed 's/.*/Line & of the sources./' > tool/sources.txt")
    w:type("echo %{token} >> tool/sources.txt")
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    image{ id = "before", points = 0, after = "guess", tag = "tool:1", base = "busybox",
      min_layers = 4, diagnose = function(w, c) not_built(w, c, "tool:1") end },
    custom{ id = "works", points = 1, after = "before",
      check = function(w, c)
        local image = w:image("tool:2")
        if not image then
          c:fail("not_yet", { tag = "tool:2" })
          return not_built(w, c, "tool:2", "tool:1")
        end
        local words = starts(image)
        if #words < 2 then return c:fail("no_cmd") end
        local said = image:run(table.unpack(words)) or ""
        if said:find("made of 10001 lines: " .. var.token, 1, true) then return end
        c:fail("no_program", { cmd = table.concat(words, " ") })
      end },
    custom{ id = "clean", points = 3, after = "works",
      check = function(w, c)
        local image = w:image("tool:2")
        if not image then return c:fail("not_yet", { tag = "tool:2" }) end
        if own_bytes(w, image) < 100000 then return end
        if not image:stat("/src/sources.txt") and is_below(image, "/src/sources.txt") then
          return c:fail("hidden")
        end
        c:fail("still_in", { size = own_bytes(w, image) })
      end },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("build -t tool:1 tool")
      w:write(TOOL, staged(" AS make", "make"))
      w:type("build -t tool:2 tool")
      w:type("run --rm tool:2")
      w:type("compare tool:1 tool:2")
    end,
    function(w) -- stages by number, another place, ENTRYPOINT
      w:type("answer 2")
      w:type("build -t tool:1 tool")
      w:write(TOOL, FIRST:format("") .. "FROM busybox\nWORKDIR /srv\n" ..
              "COPY --from=0 /src/program.sh .\nENTRYPOINT [\"sh\", \"program.sh\"]\n")
      w:type("docker build -t tool:2 tool")
    end,
  },
  wrong = {
    { name = "as it was, under another name",
      run = function(w)
        w:type("answer 1")
        w:type("build -t tool:1 tool")
        w:type("build -t tool:2 tool")
      end,
      expect = { goal = "clean", message = "hidden" } },
    { name = "all of it copied over",
      run = function(w)
        w:type("answer 1")
        w:type("build -t tool:1 tool")
        w:write(TOOL, FIRST:format(" AS make") .. "FROM busybox\n" ..
                "COPY --from=make /src /app\nCMD [\"sh\", \"/app/program.sh\"]\n")
        w:type("build -t tool:2 tool")
      end,
      expect = { goal = "clean", message = "still_in" } },
    { name = "the second stage stands on the first",
      run = function(w)
        w:type("answer 1")
        w:type("build -t tool:1 tool")
        w:write(TOOL, FIRST:format(" AS make") .. "FROM make\n" ..
                "CMD [\"sh\", \"/src/program.sh\"]\n")
        w:type("build -t tool:2 tool")
      end,
      expect = { goal = "clean", message = "still_in" } },
    { name = "--from forgotten",
      run = function(w)
        w:type("answer 1")
        w:type("build -t tool:1 tool")
        w:write(TOOL, FIRST:format(" AS make") .. "FROM busybox\n" ..
                "COPY /src/program.sh /app/program.sh\nCMD [\"sh\", \"/app/program.sh\"]\n")
        w:type("build -t tool:2 tool")
      end,
      expect = { goal = "works", message = "build_failed" } },
    { name = "CMD forgotten",
      run = function(w)
        w:type("answer 1")
        w:type("build -t tool:1 tool")
        w:write(TOOL, FIRST:format(" AS make") .. "FROM busybox\n" ..
                "COPY --from=make /src/program.sh /app/program.sh\n")
        w:type("build -t tool:2 tool")
      end,
      expect = { goal = "works", message = "no_cmd" } },
  },
}

-- ---------------------------------------------------------------------------
-- An extra, where there is a real image of Node.js: its own useradd and groupadd,
-- as the course page had them. Debian's have other names than Alpine's.
local NODE = has("image:node") or "node"
local GROUP = "(groupadd app || addgroup app)"
local ADD = "(useradd -g app -m app || adduser -D -G app app)"

local function express(w, c, tag, most)
  local image = w:image(tag)
  if not image then
    c:fail("not_yet", { tag = tag })
    return not_built(w, c, tag, most and "express:1")
  end
  if not (image:file("/etc/passwd") or ""):find("\napp:", 1, true) then
    return c:fail("no_app")
  end
  local own = image.layer_count - w:image(NODE).layer_count
  if most and own > most then return c:fail("still_many", { count = own }) end
  if not most and own < 4 then return c:fail("too_few", { count = own }) end
end

step{ id = "real", only_if = { "image:node", "ids" }, points = 0,
  show = function(w)
    local one, two = w:image("express:1"), w:image("express:2")
    local base = bytes(w:image(NODE))
    return { node = NODE, real_one = bytes(one) - base, real_two = bytes(two) - base }
  end,
  setup = function(w)
    w:write("express/Dockerfile", "FROM " .. NODE .. "\nWORKDIR /scripts\nCOPY . .\nRUN " ..
            GROUP .. "\nRUN " .. ADD .. "\nRUN chown -R app:app /scripts\nUSER app\n" ..
            "CMD [\"node\", \"app.js\"]\n")
    w:type("seq 1 10000 | sed 's|.*|// Line & of the app.|' > express/app.js")
    w:type("echo 'console.log(\"%{token}\");' >> express/app.js")
  end,
  goals = {
    custom{ id = "before", points = 0,
      check = function(w, c) express(w, c, "express:1") end },
    custom{ id = "after", points = 0, after = "before",
      check = function(w, c) express(w, c, "express:2", 3) end },
  },
  solve = {
    function(w)
      w:type("build -t express:1 express")
      w:write("express/Dockerfile", "FROM " .. NODE .. "\nWORKDIR /scripts\nCOPY . .\nRUN " ..
              GROUP .. " && " .. ADD .. " && chown -R app:app /scripts\nUSER app\n")
      w:type("build -t express:2 express")
      w:type("compare express:1 express:2")
    end,
  },
  wrong = {
    { name = "the same once more",
      run = function(w)
        w:type("build -t express:1 express")
        w:type("build -t express:2 express")
      end,
      expect = { goal = "after", message = "still_many" } },
  },
}
