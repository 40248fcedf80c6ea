using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Logging;
using SessionRecovery.KeyRing;

namespace SessionRecovery.AspNetCore.KeyRing.Internal;

/// <summary>Reads and adds the elements of the Data Protection key ring in the credit store.</summary>
internal sealed class KeyRingRepository(IKeyRingStore store, TimeProvider time, ILogger<KeyRingRepository> logger) : IXmlRepository
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    // The interval after a failed read during which all reads of the key ring fail at once. Until a read succeeds, every request with a
    // cookie reads the key ring and blocks its thread. Without the interval, each of these requests would wait for the timeout of the read.
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Exception? _failure;
    private long _failedAt;

    public string? Folder => store.Folder;

    public string? FindHazard() => store.FindHazard();

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        ThrowIfFailedRecently();
        try
        {
            var elements = Run(store.ReadAsync);
            return elements.Select(Parse).OfType<XElement>().ToList().AsReadOnly();
        }
        catch (Exception exception)
        {
            lock (_gate)
            {
                (_failure, _failedAt) = (exception, time.GetTimestamp());
            }

            throw;
        }
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        ArgumentNullException.ThrowIfNull(element);
        var added = KeyRingElement.Create(friendlyName, element.ToString(SaveOptions.DisableFormatting));
        Run(async cancellationToken =>
        {
            await store.AddAsync(added, cancellationToken).ConfigureAwait(false);
            return true;
        });
    }

    private void ThrowIfFailedRecently()
    {
        lock (_gate)
        {
            if (_failure is { } failure && time.GetElapsedTime(_failedAt) < RetryInterval)
            {
                throw failure is InvalidOperationException
                    ? new InvalidOperationException(failure.Message, failure)
                    : new IOException("The key ring could not be read a moment ago.", failure);
            }

            _failure = null;
        }
    }

    private XElement? Parse(KeyRingElement element)
    {
        try
        {
            return XElement.Parse(element.Xml);
        }
        catch (XmlException exception)
        {
            logger.ElementUnreadable(element.Name, exception.LineNumber);
            return null;
        }
    }

    // Data Protection reads its keys synchronously, so the caller is blocked. The asynchronous operation runs on another thread, because it
    // would deadlock if it needed the synchronization context of the blocked caller.
    private T Run<T>(Func<CancellationToken, ValueTask<T>> operation)
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        var token = timeout.Token;
        return Task.Run(() => operation(token).AsTask(), CancellationToken.None).WaitAsync(token).GetAwaiter().GetResult();
    }
}
