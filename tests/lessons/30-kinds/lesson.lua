lesson{ format = 1, id = "kinds", needs = {}, minutes = 5, points = 6 }
var.port = pick_port(18000, 18999)
var.token = token(8)

step{ id = "web", points = 2,
  setup = function(w)
    w:write("first", "here")
    local status, text = w:type("cat first")
    assert(status == 0 and text == "here", "a setup begins in the learner's folder")
  end,
  goals = {
    port{ id = "out", container = "web", port = 80, host = "%{port}" },
    http{ id = "serves", url = "http://127.0.0.1:%{port}/", body_has = "%{token}", hold = true },
    exec{ id = "inside", container = "web", run = "cat /www/index.html", has = "%{token}" },
  },
  solve = { function(w)
    w:type("run -d -p %{port}:80 --name web busybox sh -c 'mkdir /www; echo %{token} > /www/index.html; sleep 0.3; httpd -f -h /www'")
  end },
  wrong = {
    { name = "no -p", run = function(w)
        w:type("run -d --name web busybox sh -c 'mkdir /www; echo %{token} > /www/index.html; httpd -f -h /www'") end,
      expect = { goal = "serves", message = "port_not_published" } },
    { name = "127.0.0.1", run = function(w)
        w:type("run -d -p %{port}:80 --name web busybox sh -c 'mkdir /www; echo %{token} > /www/index.html; httpd -f -p 127.0.0.1:80 -h /www'") end,
      expect = { goal = "serves", message = "listens_local" } },
    { name = "other port", run = function(w)
        w:type("run -d -p %{port}:81 --name web busybox sh -c 'mkdir /www; echo %{token} > /www/index.html; httpd -f -h /www'") end,
      expect = { goal = "serves", message = "other_port" } },
    { name = "other port 2", run = function(w)
        w:type("run -d -p %{port}:81 --name web busybox sh -c 'mkdir /www; echo %{token} > /www/index.html; httpd -f -h /www'") end,
      expect = { goal = "out", message = "other_port" } },
    { name = "no server", run = function(w)
        w:type("run -d -p %{port}:80 --name web busybox sleep 100") end,
      expect = { goal = "serves", message = "no_server" } },
    { name = "404", run = function(w)
        w:type("run -d -p %{port}:80 --name web busybox httpd -f -h /tmp") end,
      expect = { goal = "serves", message = "status" } },
    { name = "body", run = function(w)
        w:type("run -d -p %{port}:80 --name web busybox sh -c 'mkdir /www; echo hi > /www/index.html; httpd -f -h /www'") end,
      expect = { goal = "serves", message = "body" } },
    { name = "stopped", run = function(w)
        w:type("run -d -p %{port}:80 --name web busybox sleep 100") w:type("stop -t 0 web") end,
      expect = { goal = "serves", message = "not_running" } },
    { name = "text", run = function(w)
        w:type("run -d -p %{port}:80 --name web busybox sh -c 'mkdir /www; echo hi > /www/index.html; httpd -f -h /www'") end,
      expect = { goal = "inside", message = "output" } },
  },
}
step{ id = "vol", points = 2,
  setup = function(w) w:type("rm -f web") end,
  goals = {
    volume{ id = "kept", name = "data", path = "/log", has = "%{token}", survives = "writer" },
    volume{ id = "used", name = "data", used_by = "reader", at = "/d" },
    network{ id = "both", name = "shop", has = { "reader", "db" } },
    network{ id = "calls", name = "shop", after = "both", reaches = { "reader", "db" } },
    file{ id = "f", volume = "data", path = "/log", has = "%{token}" },
  },
  solve = { function(w)
    w:type("run --name writer -v data:/out busybox sh -c 'echo %{token} > /out/log'")
    w:type("rm writer")
    w:type("network create shop")
    w:type("run -d --name reader --network shop -v data:/d busybox sleep 1000")
    w:type("run -d --name db --network shop busybox sleep 1000")
  end },
  wrong = {
    { name = "not removed", run = function(w)
      w:type("run --name writer -v data:/out busybox sh -c 'echo %{token} > /out/log'") end,
      expect = { goal = "kept", message = "container_there" } },
    { name = "elsewhere", run = function(w)
      w:type("run --name reader -v data:/out busybox true") end,
      expect = { goal = "used", message = "other_place" } },
    { name = "circle", run = function(w)
      w:type("run --name writer -v data:/out busybox ln -s log /out/log") w:type("rm writer") end,
      expect = { goal = "f", message = "missing" } },
    { name = "not on", run = function(w)
      w:type("network create shop") w:type("run -d --name reader --network shop busybox sleep 1000")
      w:type("run -d --name db busybox sleep 1000") end,
      expect = { goal = "both", message = "not_on" } },
  },
}
local function dockerfile(w)
  w:type("printf 'FROM busybox\\nWORKDIR /app\\nCOPY a /app/a\\nRUN echo %{token} > /app/b\\nRUN true\\nCMD [\"true\"]\\n' > Dockerfile")
end
step{ id = "build", points = 2,
  setup = function(w)
    w:type("rm -f reader db")
    w:type("echo 1 > a")
  end,
  goals = {
    history{ id = "order", image = "site:1", order = { "COPY", "RUN echo" }, layer = { "WORKDIR", "COPY" }, empty = { "RUN true", "CMD" } },
    cache{ id = "hit", step = "RUN echo", hit = true },
    file{ id = "lay", image = "site:1", layer = "any", path = "/app/b", has = "%{token}" },
    measure{ id = "fast", slower = "build --no-cache", faster = "build -t", times = 1.2 },
  },
  solve = { function(w) dockerfile(w) w:type("build --no-cache -t site:1 .") w:type("build -t site:1 .") end },
  wrong = {
    { name = "missed", run = function(w) dockerfile(w) w:type("build -t site:1 .") end,
      expect = { goal = "hit", message = "missed" } },
    { name = "not measured", run = function(w) dockerfile(w) w:type("build -t site:1 .") end,
      expect = { goal = "fast", message = "not_measured" } },
    { name = "no step", run = function(w) w:type("printf 'FROM busybox\\nRUN true\\n' > Dockerfile") w:type("build -t site:1 .") end,
      expect = { goal = "hit", message = "no_step" } },
    { name = "order", run = function(w)
      w:type("printf 'FROM busybox\\nWORKDIR /app\\nRUN echo %{token} > /app/b\\nCOPY a /app/a\\nRUN true\\nCMD [\"true\"]\\n' > Dockerfile")
      w:type("build -t site:1 .") end,
      expect = { goal = "order", message = "order" } },
  },
}
step{ id = "w", points = 0,
  setup = function(w)
    w:write("site/Dockerfile", "FROM busybox\nENV A=b\nUSER root\nCMD [\"sleep\", \"100\"]\n")
    w:edit("site/Dockerfile", "A=b", "A=%{token}")
  end,
  goals = {
    file{ id = "work", work = true, path = "site/made", has = "%{token}" },
    custom{ id = "c", check = function(w, c)
      local b = w:built()
      local run = w:container("box")
      if not b or not run then return c:fail("none") end
      local img = w:image("me:1")
      local h = img:history()
      assert(h:index("ENV") < h:index("CMD"), "order")
      assert(h:line():find("CMD"))
      assert(#img:layers() == img.layer_count, "layers")
      assert(img.env.A == var.token, "env")
      assert(img:find("root:x:0:0")[1] == "1 /etc/passwd", "find")
      assert(#img:find("root:x:0:0", 2) == 0, "find from the second layer")
      assert(img.user == "root" and img.cmd[1] == "sleep")
      assert(b:step("ENV").hit ~= nil and b:step("ENV").bytes == 0)
      assert(b:failed() == "")
      assert(b.steps[1].bytes > 100000 and b.number >= 1)
      assert(run.mounts[1].target == "/d" and run.mounts[1].type == "volume")
      assert(run.networks[1] == "bridge", "net")
      assert(run:processes()[1]:find("sleep"))
      assert(run:ending() == nil, "it runs")
      local late = w:container("late")
      assert(late:log() == "late\n" and late:ending().by == "grace", late:ending().by)
      assert(late:ending().heed == "default" and late:ending().signal == 9)
      assert(late:ending().ms >= 0)
      local out, st = run:run("echo hi; id -un")
      assert(out == "hi\nroot\n" and st == 0, out)
      out, st = img:run("echo", "x")
      assert(out == "x\n", tostring(out) .. tostring(st))
      assert(w:volume("vol").users[1] == "box")
      assert(w:network("bridge").members[1] == "box")
      assert(run:stat("/d").kind == "d")
      assert(w:saw("container", "box"))
      assert(w:lines()[1].ms >= 0)
    end },
    file{ id = "mode", work = true, path = "site/kept" },
    custom{ id = "only", only_if = "image:nothing", check = function(w, c) c:fail("x") end },
  },
  solve = { function(w)
    w:write("site/made", "%{token}\n")
    w:type("build -t me:1 site")
    w:type("run -d --name box -v vol:/d me:1")
    w:type("run -d --network none --name late busybox sh -c 'sleep 0.2; echo late; exec sleep 100'")
    w:type("logs late", "late")
    w:type("exec late ps -o args | grep -v grep", "sleep 100")
    w:type("stop -t 0 late")
    w:write("run.sh", "#!/bin/sh\n") w:type("chmod 755 run.sh")
    w:edit("run.sh", "sh\n", "sh\ntrue\n") w:type("./run.sh && touch site/kept")
    local box = w:container("box")
    if box then w:type("exec " .. box.name .. " true") end
  end },
  wrong = { { name = "nothing", run = function(w) end, expect = { goal = "c", message = "none" } } },
}
