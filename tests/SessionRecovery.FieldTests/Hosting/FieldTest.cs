using System.Net.Http.Json;
using System.Text.Json;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.DependencyInjection;

namespace SessionRecovery.FieldTests.Hosting;

/// <summary>The base class for tests that each start their own host. The ledger is audited after every test.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal abstract class FieldTest
{
    /// <summary>The maximum time that a test waits for an event that should happen at once.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("session-recovery-field-");
    private FieldHost? _host;

    protected FieldHost Host => _host ?? throw new InvalidOperationException("The host was not started.");

    [TearDown]
    public async Task StopAsync()
    {
        var faults = _host is null ? [] : await _host.AuditAsync();
        await EndAsync();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        _folder.Delete(recursive: true);
        faults.Should().BeEmpty();
    }

    /// <summary>Releases the resources of a test after the audit and before the host is disposed.</summary>
    protected virtual Task EndAsync() => Task.CompletedTask;

    protected string File(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Starts the host. If a host is already running, it is restarted with other endpoints and the same data.</summary>
    protected async Task StartAsync(
        Action<WebApplication> map,
        Action<WebApplication>? use = null,
        Action<WebApplicationBuilder, SessionRecoveryBuilder>? configure = null,
        HttpProtocols protocols = HttpProtocols.Http1,
        Action<IServiceCollection>? authenticate = null)
    {
        if (_host is not null)
        {
            await _host.StopAsync();
            await _host.DisposeAsync();
        }

        _host = await FieldHost.StartAsync(_folder, map, use, configure, protocols, authenticate);
    }

    protected static async Task<string?> CodeAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString();

    /// <summary>Waits until the condition is true, by polling it.</summary>
    protected static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
