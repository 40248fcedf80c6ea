using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace SessionRecovery.AspNetCore.KeyRing.Internal;

/// <summary>Wraps the host's Data Protection provider, and creates protectors that report a failure to load the key ring.</summary>
internal sealed class WatchedDataProtectionProvider(IDataProtectionProvider inner, IHttpContextAccessor current) : IDataProtectionProvider
{
    /// <summary>
    /// Wraps the Data Protection provider of ASP.NET Core. A provider that the host registered itself is not wrapped, because it may have
    /// no key ring.
    /// </summary>
    public static void AddTo(IServiceCollection services)
    {
        for (var index = services.Count - 1; index >= 0; index--)
        {
            var service = services[index];
            if (service.ServiceType == typeof(IDataProtectionProvider)
                && service is { IsKeyedService: false, ImplementationFactory: { } create }
                && create.Target is not Wrapper)
            {
                services[index] = ServiceDescriptor.Singleton<IDataProtectionProvider>(new Wrapper(create).Create);
                return;
            }
        }
    }

    public IDataProtector CreateProtector(string purpose) => new WatchedDataProtector(inner.CreateProtector(purpose), current);

    private sealed class Wrapper(Func<IServiceProvider, object> create)
    {
        public WatchedDataProtectionProvider Create(IServiceProvider services) => new(
            (IDataProtectionProvider)create(services), services.GetRequiredService<IHttpContextAccessor>());
    }
}
