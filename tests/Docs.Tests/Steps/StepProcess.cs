using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Docs.Tests.Pages;

namespace Docs.Tests.Steps;

/// <summary>Runs a program of samples/Steps as a separate process, on a free port and with its own data folder.</summary>
internal sealed class StepProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("step-");
    private readonly StringBuilder _output = new();
    private readonly Process _process;

    public StepProcess(string name, params (string Name, string Value)[] environment)
    {
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{FindFreePort()}") };
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _data.FullName,
            ArgumentList = { FindProgram(name), "--urls", Http.BaseAddress.GetLeftPart(UriPartial.Authority), "--Data", _data.FullName },
        };
        foreach (var variable in start.Environment.Keys.Where(static key => key.StartsWith("SUPABASE_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(variable);
        }

        foreach (var (variable, value) in environment)
        {
            start.Environment[variable] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += Append;
        _process.ErrorDataReceived += Append;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public HttpClient Http { get; }

    /// <summary>Gets the path of the data folder.</summary>
    public string Data => _data.FullName;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Waits until the program serves the browser module.</summary>
    public async Task StartedAsync()
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < Patience && !_process.HasExited;)
        {
            try
            {
                using var response = await Http.GetAsync("/session/session-recovery.js");
                response.EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50));
            }
        }

        throw new InvalidOperationException($"The program did not start:\n{Output}");
    }

    public async Task<int> EndedAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public async Task SignInAsync(string name)
    {
        using var response = await Http.PostAsync($"/sign-in/{name}", content: null);
        SignInWith((await ReadAsync(response)).GetProperty("accessToken").GetString()!);
    }

    public void SignInWith(string token) => Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Http.GetAsync(path);
        return await ReadAsync(response);
    }

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response) =>
        await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _data.Delete(recursive: true);
    }

    private static string FindProgram(string name)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        return Path.Combine(Repository.Root, "samples", "Steps", name, "bin", configuration, "net10.0", $"{name}.dll");
    }

    private static int FindFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Append(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.AppendLine(line.Data);
        }
    }
}
